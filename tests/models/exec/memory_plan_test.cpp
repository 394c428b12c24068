#include "models/exec/memory_plan.h"

#include <doctest/doctest.h>

#include "models/base/random.h"

namespace offcut::exec::memory_plan_test {
namespace {

bool overlaps(std::size_t a, std::size_t a_bytes, std::size_t b, std::size_t b_bytes) {
  return a < b + b_bytes && b < a + a_bytes;
}

}  // namespace

TEST_CASE("memory plan: a chain takes two neighbours' memory") {
  // Each tensor lives from the step that makes it to the next one: 0-1, 1-2, 2-3.
  const std::vector<Lifetime> chain = {{640, 0, 1}, {64, 1, 2}, {640, 2, 3}};
  CHECK(plan_memory(chain).bytes == 704);
  CHECK(lay_out(chain).bytes == 1344);
}

TEST_CASE("memory plan: sizes are rounded up to pieces of 64 bytes, and empty pieces take none") {
  CHECK(plan_memory(std::vector<Lifetime>{{1, 0, 1}, {65, 1, 1}}).bytes == 64 + 128);
  CHECK(plan_memory({}).bytes == 0);
}

TEST_CASE("memory plan: pieces that meet in time never meet in memory") {
  RandomStream random = random_stream(1, "memory plan");
  for (int round = 0; round < 200; ++round) {
    std::vector<Lifetime> pieces(1 + random() % 30);
    for (Lifetime& piece : pieces) {
      const std::size_t first = random() % 20;
      piece = {random() % 1000, first, first + random() % 6};
    }
    const MemoryPlan plan = plan_memory(pieces);
    CHECK(plan.bytes <= lay_out(pieces).bytes);
    for (std::size_t a = 0; a < pieces.size(); ++a) {
      CHECK(plan.offsets[a] % kPieceAlignment == 0);
      CHECK(plan.offsets[a] + pieces[a].bytes <= plan.bytes);
      for (std::size_t b = 0; b < a; ++b) {
        if (pieces[a].first <= pieces[b].last && pieces[b].first <= pieces[a].last) {
          CHECK_FALSE(overlaps(plan.offsets[a], pieces[a].bytes, plan.offsets[b], pieces[b].bytes));
        }
      }
    }
  }
}

}  // namespace offcut::exec::memory_plan_test
