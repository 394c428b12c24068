#pragma once

#include <stdexcept>
#include <string>

namespace offcut::runtime {

/// A caller's request that can't be answered. Its text goes to the caller.
class RequestError : public std::runtime_error {
 public:
  RequestError(unsigned status, const std::string& text)
      : std::runtime_error(text), status_(status) {}

  unsigned status() const { return status_; }  // Of HTTP.

 private:
  unsigned status_;
};

}  // namespace offcut::runtime
