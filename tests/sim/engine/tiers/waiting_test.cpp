// The heap of a queue, compared with a sorted list.

#include "sim/engine/tiers/waiting.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <deque>

#include "models/base/random.h"

namespace offcut::engine::waiting_test {

TEST_CASE("waiting: the least key is next, and of equal keys the one that arrived first") {
  RandomStream stream = random_stream(1, "waiting");
  const auto below = [&](int count) {
    return boost::random::uniform_int_distribution<int>(0, count - 1)(stream);
  };
  WaitingHeap heap;
  std::vector<WaitingHeap::Entry> list;
  std::deque<Request> requests;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    if (list.empty() || below(5) < 3) {
      Request& request = requests.emplace_back();
      request.since = below(1000);
      list.push_back({static_cast<double>(below(20)), i, &request});
      heap.push(list.back());
    } else {
      const auto next =
          std::min_element(list.begin(), list.end(), [](const auto& a, const auto& b) {
            return a.key != b.key ? a.key < b.key : a.order < b.order;
          });
      CHECK(heap.top().request == next->request);
      CHECK(heap.pop().request == next->request);
      list.erase(next);
    }
    REQUIRE(heap.size() == list.size());
    CHECK(heap.empty() == list.empty());
    if (!list.empty()) {
      double oldest = list[0].request->since;
      for (const WaitingHeap::Entry& entry : list) {
        oldest = std::min(oldest, entry.request->since);
      }
      CHECK(heap.oldest() == oldest);
    }
  }
  CHECK(list.size() > 1000);
}

TEST_CASE("request list: first in, first out") {
  Request a, b, c;
  RequestList list;
  CHECK(list.empty());
  list.push(&a);
  list.push(&b);
  CHECK(list.pop() == &a);
  list.push(&c);
  CHECK(list.first() == &b);
  CHECK(list.pop() == &b);
  CHECK(list.pop() == &c);
  CHECK(list.empty());
  list.push(&a);  // An emptied list is like a new one.
  CHECK(list.pop() == &a);
  CHECK(list.empty());
}

}  // namespace offcut::engine::waiting_test
