#pragma once

#include <deque>

namespace offcut::engine {

/// Reusable objects with a `next`. They never move, and one that is given back keeps its contents.
template <class T>
class Pool {
 public:
  T* take() {
    if (free_ == nullptr) {
      return &all_.emplace_back();
    }
    T* const object = free_;
    free_ = object->next;
    return object;
  }
  void give_back(T* object) {
    object->next = free_;
    free_ = object;
  }

  /// Returns all objects, in use or not.
  std::deque<T>& all() { return all_; }

 private:
  std::deque<T> all_;
  T* free_ = nullptr;
};

}  // namespace offcut::engine
