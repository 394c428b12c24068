#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>

#include "sim/engine/core/request.h"

namespace offcut::engine {

/// A heap of waiting requests with the next one to be served on top: by key, then by arrival.
class WaitingHeap {
 public:
  struct Entry {
    double key;
    std::uint64_t order;
    Request* request;

    bool before(const Entry& other) const {
      return key != other.key ? key < other.key : order < other.order;
    }
  };
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  const Entry& top() const { return heap_.front(); }
  void push(const Entry& entry);
  Entry pop();
  /// Takes a request out. REQUIRES: it is in the heap.
  void erase(const Request* request);
  /// Returns the time since which its oldest request has waited. REQUIRES: not empty.
  double oldest() const;

 private:
  boost::container::small_vector<Entry, 1> heap_;  // Most queues of devices are short.
};

}  // namespace offcut::engine
