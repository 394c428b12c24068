#include "sim/engine/tiers/waiting.h"

#include <algorithm>

namespace offcut::engine {
namespace {

bool later(const WaitingHeap::Entry& a, const WaitingHeap::Entry& b) { return b.before(a); }

}  // namespace

void WaitingHeap::push(const Entry& entry) {
  heap_.push_back(entry);
  std::push_heap(heap_.begin(), heap_.end(), later);
}

WaitingHeap::Entry WaitingHeap::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const Entry entry = heap_.back();
  heap_.pop_back();
  return entry;
}

void WaitingHeap::erase(const Request* request) {
  const auto found = std::find_if(heap_.begin(), heap_.end(), [request](const Entry& entry) {
    return entry.request == request;
  });
  std::size_t hole = static_cast<std::size_t>(found - heap_.begin());
  const Entry last = heap_.back();
  heap_.pop_back();
  if (hole == heap_.size()) {
    return;
  }
  // The last entry takes the place, and moves towards the top or the bottom, as far as it has to.
  for (; hole > 0 && last.before(heap_[(hole - 1) / 2]); hole = (hole - 1) / 2) {
    heap_[hole] = heap_[(hole - 1) / 2];
  }
  for (std::size_t child = 2 * hole + 1; child < heap_.size(); child = 2 * hole + 1) {
    if (child + 1 < heap_.size() && heap_[child + 1].before(heap_[child])) {
      ++child;
    }
    if (!heap_[child].before(last)) {
      break;
    }
    heap_[hole] = heap_[child];
    hole = child;
  }
  heap_[hole] = last;
}

double WaitingHeap::oldest() const {
  return std::min_element(
             heap_.begin(), heap_.end(),
             [](const Entry& a, const Entry& b) { return a.request->since < b.request->since; })
      ->request->since;
}

}  // namespace offcut::engine
