#pragma once

#include <string>
#include <utility>
#include <vector>

namespace offcut::runtime {

/// An answer of HTTP, without what a connection adds.
struct HttpReply {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;  // Further header fields.
};

/// Returns an answer {"error": text}.
HttpReply error_reply(unsigned status, const std::string& text);

/// Returns a text as a string of JSON, with its quotes. Invalid UTF-8 is replaced.
std::string json_string(const std::string& text);

}  // namespace offcut::runtime
