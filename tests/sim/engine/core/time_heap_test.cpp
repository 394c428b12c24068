// The heap of events against a sorted container, which keeps equal times in the order of insertion.

#include "sim/engine/core/time_heap.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

namespace offcut::engine::time_heap_test {
namespace {

/// Pushes and pops at random. Few different times, so that most are equal to others, and one in
/// three of them lies before all that are in the heap.
void compare(std::uint64_t first_order, unsigned seed) {
  TimeHeap<int> heap(first_order);
  std::multimap<double, int> sorted;
  std::mt19937 random(seed);
  for (int i = 0; i < 3000; ++i) {
    const bool grows = i % 1000 < 500;
    if (random() % 10 < (grows ? 7 : 3)) {
      const double time = static_cast<double>(random() % 40) / 8;
      heap.push(time, i);
      sorted.emplace(time, i);
    } else if (!sorted.empty()) {
      REQUIRE(heap.time() == sorted.begin()->first);
      REQUIRE(heap.pop() == sorted.begin()->second);
      sorted.erase(sorted.begin());
    }
    REQUIRE(heap.empty() == sorted.empty());
  }
  while (!sorted.empty()) {
    REQUIRE(heap.pop() == sorted.begin()->second);
    sorted.erase(sorted.begin());
  }
  CHECK(heap.empty());
}

}  // namespace

TEST_CASE("time heap: values come out by time, and those of equal times in the order of pushing") {
  for (unsigned seed = 0; seed < 50; ++seed) {
    compare(0, seed);
  }
}

TEST_CASE("time heap: values keep their order when the numbers run out") {
  constexpr std::uint64_t kOrders = std::uint64_t{1} << 38;
  for (unsigned seed = 0; seed < 50; ++seed) {
    compare(kOrders - seed * 7, seed);
  }
}

TEST_CASE("time heap: zero with a sign is zero, and infinity comes last") {
  TimeHeap<int> heap;
  heap.push(std::numeric_limits<double>::infinity(), 1);
  heap.push(5e-324, 2);
  heap.push(-0.0, 3);
  heap.push(0.0, 4);
  CHECK(heap.pop() == 3);
  CHECK(heap.pop() == 4);
  CHECK(heap.pop() == 2);
  CHECK(heap.pop() == 1);
}

TEST_CASE("time heap: a cleared heap is empty, also with a gap on top") {
  TimeHeap<int> heap;
  heap.push(1, 1);
  heap.push(2, 2);
  CHECK(heap.pop() == 1);
  heap.clear();
  CHECK(heap.empty());
  heap.push(3, 3);
  CHECK(heap.time() == 3);
  CHECK(heap.pop() == 3);
  CHECK(heap.empty());
}

}  // namespace offcut::engine::time_heap_test
