#pragma once

#include <deque>

namespace offcut::engine {

/// Objects with a `next`, used again and again. They never move; what is given back keeps its
/// contents.
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

  /// All that there are, in use or not.
  std::deque<T>& all() { return all_; }

 private:
  std::deque<T> all_;
  T* free_ = nullptr;
};

}  // namespace offcut::engine
