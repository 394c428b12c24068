#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/error.h"

namespace offcut {

/// Holds entries that are chosen by name: operators, networks, algorithms, arrivals. T has a
/// `std::string name`. A function that CMake generates fills a registry once (see offcut_plugins);
/// from then on, it is read-only. Entries never move, so pointers to them stay valid as long as the
/// registry lives.
template <class T>
class Registry {
 public:
  /// REQUIRES: no entry has this name yet (std::logic_error otherwise). Not inlined: add() runs
  /// once per entry, and a plug-in's compile time would largely be that of the map's inlined code.
  [[gnu::noinline]] void add(T entry) {
    std::string name = entry.name;
    if (!entries_.emplace(name, std::move(entry)).second) {
      throw std::logic_error("registered twice: " + name);
    }
  }

  const T* find(std::string_view name) const {
    const auto it = entries_.find(name);
    return it == entries_.end() ? nullptr : &it->second;
  }

  /// Returns the names in alphabetical order.
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& [name, entry] : entries_) {
      all.push_back(name);
    }
    return all;
  }

  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  std::size_t size() const { return entries_.size(); }

 private:
  std::map<std::string, T, std::less<>> entries_;
};

}  // namespace offcut
