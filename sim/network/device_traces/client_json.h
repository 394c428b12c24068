#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/base/error.h"

namespace offcut::network {

/// A key of a client.
struct ClientKey {
  enum class Kind { number, numbers, text };
  std::string name;
  Kind kind = Kind::number;
  bool is_required = true;
  double least = 0, most = 0;  // Of numbers.
};

/// A client of a trace in JSON.
struct JsonClient {
  std::string id;
  /// The numbers of each key, in the order of the keys. None: it is not given, or invalid. A text
  /// gives an empty list.
  std::vector<std::optional<std::vector<double>>> values;
  /// Adds an error at the client's first character.
  std::function<void(std::string message)> error;
};

/// Reads a JSON file of clients, a list or a map by their names, and calls `use` with each of them
/// in the file's order. `expected` names the content in messages. Throws InputError with every
/// error in the file.
void read_json_clients(const std::string& path, const std::string& expected,
                       std::span<const ClientKey> keys,
                       const std::function<void(const JsonClient&)>& use);

/// Returns whether the file's first character that is not blank opens a list or a map of JSON.
bool begins_like_json(const std::string& path);

}  // namespace offcut::network
