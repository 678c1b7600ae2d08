// Why a history may be incomplete, and what a person can do about it.

#ifndef MENTIOND_CLIENT_TERMINAL_GAP_MESSAGE_H_
#define MENTIOND_CLIENT_TERMINAL_GAP_MESSAGE_H_

#include <string>

#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond::terminal {

// One line without a line ending: what is missing and, where something can be
// done about it, what. Gaps that only a newer server knows have a message too.
std::string GapMessage(::mentions::v1::Gap gap);

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_GAP_MESSAGE_H_
