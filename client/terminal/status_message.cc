#include "client/terminal/status_message.h"

#include "absl/strings/str_cat.h"

#include "client/terminal/display_width.h"
#include "client/terminal/printable.h"

namespace mentiond::terminal {
namespace {

// How much of a server's message is shown; normally it is a single sentence.
constexpr int kMaxMessageColumns = 1000;
constexpr size_t kMaxMessageBytes = 4000;

std::string Unauthenticated(const StatusContext& context) {
  if (!context.has_token) {
    return "GitHub requires authentication. Set GITHUB_TOKEN to a token "
           "(github.com, Settings, Developer settings, Personal access "
           "tokens).";
  }
  return "GitHub rejects the token: it may be mistyped, expired or revoked. "
         "Set GITHUB_TOKEN to a valid one.";
}

std::string PermissionDenied(const StatusContext& context) {
  if (!context.has_token) {
    return absl::StrCat("GitHub does not allow anonymous access to ",
                        context.repo,
                        ". Set GITHUB_TOKEN to a token with read access.");
  }
  return absl::StrCat(
      "The token is not allowed to read ", context.repo,
      ". Grant it read access to pull requests and issues; an organization "
      "with single sign-on must also authorize it.");
}

std::string NotFound(const StatusContext& context) {
  if (!context.has_token) {
    return absl::StrCat(
        "The repository ", context.repo,
        " does not exist or is private. Check the spelling; for a private "
        "repository, set GITHUB_TOKEN to a token with read access.");
  }
  return absl::StrCat(
      "The repository ", context.repo,
      " does not exist, or this token cannot see it. Check the spelling; a "
      "private repository requires a token with the \"repo\" scope, or a "
      "fine-grained one with read access to its pull requests and issues.");
}

std::string Unavailable(const StatusContext& context) {
  if (!context.reached) {
    return absl::StrCat("Cannot connect to ", context.server,
                        ": is mentiond running there?");
  }
  if (!context.had_events) {
    return absl::StrCat("The server at ", context.server,
                        " does not accept streams at the moment; it may be "
                        "shutting down. Try again in a moment.");
  }
  return absl::StrCat(
      "The connection to ", context.server,
      " was lost: the server was stopped, or the network failed. Start again "
      "to continue (with --resume_file, from where it ended).");
}

std::string Reason(const absl::Status& status, const StatusContext& context) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return "The server rejects the request as invalid. See --help for the "
             "values that each option accepts.";
    case absl::StatusCode::kUnauthenticated:
      return Unauthenticated(context);
    case absl::StatusCode::kPermissionDenied:
      return PermissionDenied(context);
    case absl::StatusCode::kNotFound:
      return NotFound(context);
    case absl::StatusCode::kFailedPrecondition:
      return absl::StrCat("GitHub no longer provides ", context.repo,
                          ": it is gone, disabled, or blocked for legal "
                          "reasons. Trying again will not help.");
    case absl::StatusCode::kResourceExhausted:
      if (context.had_events) {
        return "The server ended the stream: this client read too slowly, or a "
               "limit was reached. Start again to continue (with "
               "--resume_file, from where it ended).";
      }
      return "The server has too many open streams, or sent a message larger "
             "than this program accepts. Try again later.";
    case absl::StatusCode::kUnavailable:
      return Unavailable(context);
    case absl::StatusCode::kDeadlineExceeded:
      return absl::StrCat("The server at ", context.server,
                          " did not respond in time. Try again.");
    case absl::StatusCode::kUnimplemented:
      return absl::StrCat("The server at ", context.server,
                          " does not implement mentions.v1: is it mentiond, "
                          "and at least as new as this program?");
    case absl::StatusCode::kCancelled:
      return "The server cancelled the stream. Start again to continue.";
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return "The stream failed because of an error in the server or the "
             "network. Start again; if the error persists, report it with the "
             "message below.";
    default:
      return absl::StrCat("The stream ended with ",
                          absl::StatusCodeToString(status.code()), ".");
  }
}

}  // namespace

std::string StatusMessage(const absl::Status& status,
                          const StatusContext& context) {
  StatusContext safe = context;
  safe.server = Printable(context.server);
  safe.repo = Printable(context.repo);
  std::string text = Reason(status, safe);
  const std::string message = CutEnd(
      Printable(std::string(status.message()).substr(0, kMaxMessageBytes)),
      kMaxMessageColumns);
  if (!message.empty()) {
    // If the server was not reached, the message is the gRPC library's own.
    absl::StrAppend(&text, context.reached ? "\n  The server says: " : "\n  (",
                    message, context.reached ? "" : ")");
  }
  return text;
}

}  // namespace mentiond::terminal
