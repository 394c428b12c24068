// Walks through the events of a file: a list or a map of clients, the keys of each, and their
// numbers. A value of the wrong kind is an error, and whatever it contains is passed over, so that
// all errors of a file are found at once.

#include "sim/network/device_traces/client_json.h"

#include <fmt/format.h>

#include <cctype>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "sim/network/placed_json.h"

namespace offcut::network {
namespace {

class Clients final : public PlacedJson::Events {
 public:
  Clients(const std::string& path, const std::string& expected, std::span<const ClientKey> keys,
          const std::function<void(const JsonClient&)>& use)
      : json_(path, expected), expected_(expected), keys_(keys), use_(use) {
    for (const ClientKey& key : keys) {
      names_.push_back(key.name);
    }
    client_.error = [this](std::string message) {
      errors_.push_back({json_.place_of(begin_), of_client(std::move(message))});
    };
  }

  void read() {
    json_.read(*this);
    if (errors_.empty() && clients_ == 0) {
      errors_.push_back({json_.place_of(0), "expected at least one client"});
    }
    if (!errors_.empty()) {
      throw InputError(std::move(errors_));
    }
  }

  bool null() override { return scalar("null"); }
  bool boolean(bool /*value*/) override { return scalar("a truth value"); }
  bool binary(binary_t& /*value*/) override { return scalar("binary data"); }
  bool string(std::string& /*value*/) override {
    if (is_passed_over()) {
      return true;
    }
    if (depth_ == kInClient && key_ != nullptr && key_->kind == ClientKey::Kind::text) {
      values().emplace();
      return true;
    }
    return scalar("a text");
  }
  bool number_integer(number_integer_t value) override {
    return number(static_cast<double>(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return number(static_cast<double>(value));
  }
  bool number_float(number_float_t value, const std::string& /*text*/) override {
    return number(value);
  }

  bool start_array(std::size_t /*size*/) override {
    if (depth_ == kOutside) {
      depth_ = kInFile;
      is_map_ = false;
      return true;
    }
    if (depth_ == kInClient && passed_over_ == 0 && key_ != nullptr &&
        key_->kind == ClientKey::Kind::numbers) {
      depth_ = kInList;
      values().emplace();
      return true;
    }
    return open("a list");
  }
  bool start_object(std::size_t /*size*/) override {
    if (depth_ == kOutside) {
      depth_ = kInFile;
      is_map_ = true;
      return true;
    }
    if (depth_ == kInFile && passed_over_ == 0) {
      depth_ = kInClient;
      begin_client();
      return true;
    }
    return open("a map");
  }
  bool end_array() override {
    if (passed_over_ > 0) {
      --passed_over_;
    } else if (depth_ == kInList) {
      depth_ = kInClient;
      key_ = nullptr;
    }
    return true;
  }
  bool end_object() override {
    if (passed_over_ > 0) {
      --passed_over_;
    } else if (depth_ == kInClient) {
      depth_ = kInFile;
      end_client();
    }
    return true;
  }

  bool key(std::string& name) override {
    if (passed_over_ > 0) {
      return true;
    }
    if (depth_ == kInFile) {
      client_.id = name;
      if (!ids_.insert(name).second) {
        error(fmt::format("client {} appears twice", in_quotes(name)));
      }
      return true;
    }
    key_ = nullptr;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (keys_[i].name == name) {
        key_ = &keys_[i];
        number_of_key_ = i;
      }
    }
    if (key_ == nullptr) {
      error(of_client(fmt::format("unknown key {}{}", in_quotes(name), suggestion(name, names_))));
      knows_all_keys_ = false;
    } else if (std::exchange(is_given_[number_of_key_], 1) != 0) {
      error(of_client(fmt::format("key {} appears twice", in_quotes(name))));
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::json::exception& /*exception*/) override {
    errors_.push_back({json_.syntax_error(position),
                       fmt::format("is not JSON from here on, expected {}", expected_)});
    return false;
  }

 private:
  enum Depth { kOutside, kInFile, kInClient, kInList };

  bool is_passed_over() const {
    return passed_over_ > 0 || (depth_ == kInClient && key_ == nullptr);
  }
  std::optional<std::vector<double>>& values() { return client_.values[number_of_key_]; }
  std::string of_client(std::string message) const {
    return fmt::format("client {}: {}", is_map_ ? in_quotes(client_.id) : client_.id, message);
  }
  void error(std::string message) { errors_.push_back({json_.token(), std::move(message)}); }

  void begin_client() {
    begin_ = json_.position();
    if (!is_map_) {
      client_.id = std::to_string(clients_);
    }
    client_.values.assign(keys_.size(), std::nullopt);
    is_given_.assign(keys_.size(), 0);
    knows_all_keys_ = true;
    is_valid_ = true;
    key_ = nullptr;
  }
  void end_client() {
    ++clients_;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (keys_[i].is_required && is_given_[i] == 0 && knows_all_keys_) {
        client_.error(fmt::format("key '{}' is missing", keys_[i].name));
      }
      is_valid_ = is_valid_ && (client_.values[i] || !keys_[i].is_required);
    }
    if (is_valid_) {
      use_(client_);
    }
  }

  bool number(double value) {
    if (is_passed_over()) {
      return true;
    }
    if (depth_ < kInClient || key_->kind == ClientKey::Kind::text ||
        (depth_ == kInClient && key_->kind == ClientKey::Kind::numbers)) {
      return wrong("a number", true);
    }
    if (!(value >= key_->least && value <= key_->most)) {
      number_error(fmt::format("{}: expected a number from {} to {}, got {}", key_->name,
                               key_->least, key_->most, value));
      is_valid_ = false;
    }
    if (depth_ == kInClient) {
      values().emplace();
    }
    values()->push_back(value);
    return true;
  }
  void number_error(std::string message) {
    errors_.push_back({json_.number(), of_client(std::move(message))});
  }

  bool scalar(const char* kind) { return is_passed_over() || wrong(kind, false); }
  /// Passes over a list or a map that is not expected here.
  bool open(const char* kind) {
    const bool is_known = is_passed_over();
    const bool goes_on = is_known || wrong(kind, false);
    ++passed_over_;
    return goes_on;
  }

  /// Notes a value of another kind than expected. Returns false if no client can follow.
  bool wrong(const char* kind, bool is_number) {
    std::string message;
    if (depth_ == kOutside) {
      message = fmt::format("expected a list or a map of clients, got {}", kind);
    } else if (depth_ == kInFile) {
      message = fmt::format("expected a map for each client, got {}", kind);
    } else {
      const char* expected = key_->kind == ClientKey::Kind::text ? "a text"
                             : key_->kind == ClientKey::Kind::number || depth_ == kInList
                                 ? "a number"
                                 : "a list of numbers";
      message = of_client(fmt::format("{}: expected {}, got {}", key_->name, expected, kind));
      is_valid_ = false;
    }
    errors_.push_back({is_number ? json_.number() : json_.token(), std::move(message)});
    return depth_ != kOutside;
  }

  PlacedJson json_;
  std::string expected_;
  std::span<const ClientKey> keys_;
  const std::function<void(const JsonClient&)>& use_;
  std::vector<std::string> names_;
  std::vector<Diagnostic> errors_;
  Depth depth_ = kOutside;
  std::size_t passed_over_ = 0;  // Lists and maps that are open within the value passed over.
  bool is_map_ = false;
  std::size_t clients_ = 0;
  std::set<std::string> ids_;
  JsonClient client_;
  std::size_t begin_ = 0;  // The position of the client.
  std::vector<char> is_given_;
  bool knows_all_keys_ = true;
  bool is_valid_ = true;
  const ClientKey* key_ = nullptr;  // Null: unknown, its value is passed over.
  std::size_t number_of_key_ = 0;
};

}  // namespace

void read_json_clients(const std::string& path, const std::string& expected,
                       std::span<const ClientKey> keys,
                       const std::function<void(const JsonClient&)>& use) {
  Clients(path, expected, keys, use).read();
}

bool begins_like_json(const std::string& path) {
  std::ifstream file(path);
  char first = 0;
  file >> first;  // Skips blanks.
  return first == '[' || first == '{';
}

}  // namespace offcut::network
