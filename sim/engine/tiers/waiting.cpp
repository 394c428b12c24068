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

double WaitingHeap::oldest() const {
  return std::min_element(
             heap_.begin(), heap_.end(),
             [](const Entry& a, const Entry& b) { return a.request->since < b.request->since; })
      ->request->since;
}

}  // namespace offcut::engine
