#!/usr/bin/python3
"""Checks GraphQL exchanges against GitHub's published schema.

Usage: check_graphql.py SCHEMA EXCHANGES

SCHEMA is schema.graphql as GitHub publishes it; EXCHANGES has one JSON object a
line: {"request": the body of a request, "response": the body of its response,
or null to check the query alone}. Prints what is wrong, a line each, and exits
with 1 if anything is.

The queries are checked by graphql-core's validation rules, and their variables
by the declared types. A response's data is executed again by graphql-core, as
if it were the server's own: each value must be of its type in the schema, and
no field may be missing or left over.
"""

import json
import logging
import re
import sys

from graphql import execute
from graphql.execution.values import get_variable_values
from graphql.language.parser import parse
from graphql.type.definition import GraphQLInterfaceType, GraphQLUnionType
from graphql.utils.build_ast_schema import build_ast_schema
from graphql.validation import validate


def load_schema(path):
    """Debian 12's graphql-core reads the schema language as it was in 2017."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    # Descriptions in block strings.
    text = re.sub(r'"""(?:[^"\\]|\\.|"(?!""))*"""', "", text)
    # `implements A & B`, and interfaces that implement others.
    text = re.sub(
        r"^(type \w+ implements )([^{]*)",
        lambda match: match.group(1) + match.group(2).replace("&", ","),
        text,
        flags=re.M,
    )
    text = re.sub(r"^(interface \w+) implements [^{]*", r"\1 ", text, flags=re.M)
    # Null as a default is the same as none.
    text = re.sub(r" = null\b", "", text)
    text += "\nschema { query: Query }\n"
    schema = build_ast_schema(parse(text, no_location=True))
    for kind in schema.get_type_map().values():
        if isinstance(kind, (GraphQLInterfaceType, GraphQLUnionType)):
            kind.resolve_type = lambda value, info: value.get("__typename")
    strict_scalars(schema)
    return schema


def strict_scalars(schema):
    """Makes GitHub's own scalars refuse what they never are."""
    patterns = {
        "DateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
        "BigInt": r"\d+",
        "URI": r"https?://\S+",
    }
    for name, pattern in patterns.items():
        kind = schema.get_type(name)

        def serialize(value, name=name, pattern=pattern):
            if not isinstance(value, str) or not re.fullmatch(pattern, value):
                raise ValueError(f"{value!r} is not a {name}")
            return value

        kind.serialize = serialize
    # The built-in ones convert.
    for name, types in {"String": str, "Int": int, "Boolean": bool, "ID": str}.items():

        def exact(value, name=name, types=types):
            if not isinstance(value, types) or (types is int and isinstance(value, bool)):
                raise ValueError(f"{value!r} is not a {name}")
            return value

        schema.get_type(name).serialize = exact
        schema.get_type(name).parse_value = exact


def resolve(value, info, **arguments):
    """The data has a field under the name that the response gives it."""
    key = info.path[-1]
    if key not in value:
        raise KeyError(f"{key} is missing")
    return value[key]


def leftovers(data, again, path=""):
    """What `data` has that the query does not select."""
    if isinstance(data, dict) and isinstance(again, dict):
        for key in data:
            if key not in again:
                yield f"{path}/{key} was not requested"
            else:
                yield from leftovers(data[key], again[key], f"{path}/{key}")
    elif isinstance(data, list) and isinstance(again, list):
        for i, (one, other) in enumerate(zip(data, again)):
            yield from leftovers(one, other, f"{path}/{i}")


def check(schema, exchange):
    request = json.loads(exchange["request"])
    document = parse(request["query"])
    errors = [error.message for error in validate(schema, document)]
    if errors:
        return errors
    variables = request.get("variables") or {}
    definitions = document.definitions[0].variable_definitions or []
    try:
        get_variable_values(schema, definitions, variables)
    except Exception as error:  # pylint: disable=broad-except
        return [f"variables: {error}"]
    if exchange.get("response") is None:
        return []
    response = json.loads(exchange["response"])
    data = response.get("data")
    if data is None:
        return [] if response.get("errors") else ["neither data nor errors"]
    # Where an error explains a null, its type does not matter.
    explained = [tuple(error.get("path") or ()) for error in response.get("errors", [])]
    result = execute(
        schema,
        document,
        root_value=data,
        variable_values=variables,
        middleware=[lambda _next, *args, **kwargs: resolve(*args, **kwargs)],
    )
    for error in result.errors or []:
        path = tuple(getattr(error, "path", None) or ())
        if not path or not any(known[: len(path)] == path for known in explained):
            errors.append(f"{'/'.join(map(str, path))}: {error}")
    if not errors:
        errors.extend(leftovers(data, result.data))
    return errors


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    # What it logs is in its results, too.
    logging.disable(logging.CRITICAL)
    schema = load_schema(sys.argv[1])
    failed = False
    with open(sys.argv[2], encoding="utf-8") as exchanges:
        for number, line in enumerate(exchanges, 1):
            try:
                errors = check(schema, json.loads(line))
            except Exception as error:  # pylint: disable=broad-except
                errors = [repr(error)]
            for error in errors:
                print(f"exchange {number}: {error}")
                failed = True
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
