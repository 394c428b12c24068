#pragma once

#include <string>
#include <string_view>

#include "sim/runtime/node/call.h"

namespace offcut::runtime {

// The text of a refusal: a word for how the request ended, a colon, and the reason.

inline constexpr std::string_view kRejected = "rejected: ";
inline constexpr std::string_view kFailed = "failed: ";
inline constexpr std::string_view kLost = "lost: ";

inline std::string refusal_text(CallEnd::How how, const std::string& reason) {
  const std::string_view word = how == CallEnd::How::rejected ? kRejected
                                : how == CallEnd::How::failed ? kFailed
                                                              : kLost;
  return std::string(word) + reason;
}

struct Refusal {
  CallEnd::How how = CallEnd::How::lost;
  std::string reason;
};

inline Refusal read_refusal(const std::string& text) {
  for (const auto& [word, how] : {std::pair(kRejected, CallEnd::How::rejected),
                                  {kFailed, CallEnd::How::failed},
                                  {kLost, CallEnd::How::lost}}) {
    if (text.starts_with(word)) {
      return {how, text.substr(word.size())};
    }
  }
  return {CallEnd::How::lost, text};
}

}  // namespace offcut::runtime
