#include "client/status_words.h"

#include "absl/strings/str_cat.h"

#include "client/display_width.h"
#include "client/printable.h"

namespace mentiond {
namespace {

// Columns of a server's message that are shown; it is one sentence by rights.
constexpr int kLongestMessage = 1000;
constexpr size_t kLongestMessageBytes = 4000;

std::string Unauthenticated(const StatusContext& context) {
  if (!context.has_token) {
    return "GitHub wants to know who asks. Set GITHUB_TOKEN to a token "
           "(github.com, Settings, Developer settings, Personal access "
           "tokens).";
  }
  return "GitHub does not accept the token. Set GITHUB_TOKEN to a valid one: "
         "this one may be mistyped, expired or revoked.";
}

std::string PermissionDenied(const StatusContext& context) {
  if (!context.has_token) {
    return absl::StrCat("GitHub lets nobody unknown read ", context.repo,
                        ". Set GITHUB_TOKEN to a token that may.");
  }
  return absl::StrCat(
      "The token may not read ", context.repo,
      ". Give it read access to pull requests and issues there; an "
      "organization with single sign-on must also authorize it.");
}

std::string NotFound(const StatusContext& context) {
  if (!context.has_token) {
    return absl::StrCat(
        "There is no repository ", context.repo,
        ", or it is private. Check the spelling; for a private repository set "
        "GITHUB_TOKEN to a token that may read it.");
  }
  return absl::StrCat(
      "There is no repository ", context.repo,
      ", or this token may not see it. Check the spelling; a private "
      "repository needs a token with the \"repo\" scope, or a fine-grained one "
      "with read access to its pull requests and issues.");
}

std::string Unavailable(const StatusContext& context) {
  if (!context.reached) {
    return absl::StrCat("Cannot reach ", context.server,
                        ": is mentiond running there?");
  }
  if (!context.had_events) {
    return absl::StrCat("The server at ", context.server,
                        " takes no streams now, as it does while it shuts "
                        "down. Try again in a moment.");
  }
  return absl::StrCat(
      "The connection to ", context.server,
      " is lost: the server was stopped, or the network failed. Start again to "
      "go on (with --resume_file, where it ended).");
}

std::string Reason(const absl::Status& status, const StatusContext& context) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return "The server does not accept what it was asked. See --help for "
             "what each option takes.";
    case absl::StatusCode::kUnauthenticated:
      return Unauthenticated(context);
    case absl::StatusCode::kPermissionDenied:
      return PermissionDenied(context);
    case absl::StatusCode::kNotFound:
      return NotFound(context);
    case absl::StatusCode::kFailedPrecondition:
      return absl::StrCat("GitHub no longer gives out ", context.repo,
                          ": it is gone, disabled, or blocked for legal "
                          "reasons. Trying again will not help.");
    case absl::StatusCode::kResourceExhausted:
      if (context.had_events) {
        return "The server ended the stream: this end read too slowly, or a "
               "limit was reached. Start again to go on (with --resume_file, "
               "where it ended).";
      }
      return "The server has too many streams, or answers more than this "
             "program takes. Try again later.";
    case absl::StatusCode::kUnavailable:
      return Unavailable(context);
    case absl::StatusCode::kDeadlineExceeded:
      return absl::StrCat("The server at ", context.server,
                          " did not answer in time. Try again.");
    case absl::StatusCode::kUnimplemented:
      return absl::StrCat("The server at ", context.server,
                          " does not speak mentions.v1: is it mentiond, and as "
                          "new as this program?");
    case absl::StatusCode::kCancelled:
      return "The server cancelled the stream. Start again to go on.";
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return "The stream failed by a fault of the server or on the way. Start "
             "again; if it stays, report it with the message below.";
    default:
      return absl::StrCat("The stream ended with ",
                          absl::StatusCodeToString(status.code()), ".");
  }
}

}  // namespace

std::string StatusWords(const absl::Status& status,
                        const StatusContext& context) {
  StatusContext safe = context;
  safe.server = Printable(context.server);
  safe.repo = Printable(context.repo);
  std::string words = Reason(status, safe);
  const std::string message = CutEnd(
      Printable(std::string(status.message()).substr(0, kLongestMessageBytes)),
      kLongestMessage);
  if (!message.empty()) {
    // Without a server the words are those of the gRPC library.
    absl::StrAppend(&words, context.reached ? "\n  The server says: " : "\n  (",
                    message, context.reached ? "" : ")");
  }
  return words;
}

}  // namespace mentiond
