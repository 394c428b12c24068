#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/error.h"

namespace offcut {

/// Things that are chosen by name: operators, networks, algorithms, arrivals. T has a `std::string
/// name`. A registry is filled once by a function that CMake generates (see offcut_plugins) and is
/// read-only from then on; entries never move, so pointers to them stay valid as long as the
/// registry lives.
template <class T>
class Registry {
 public:
  /// REQUIRES: no entry of that name yet (a second one is the programmer's error:
  /// std::logic_error). Not inlined: it runs once per entry, and inlining the map's code into each
  /// file that registers something is a large part of what such a file costs to compile.
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

  /// In alphabetical order.
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
