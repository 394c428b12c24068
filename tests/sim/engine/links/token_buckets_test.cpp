#include "sim/engine/links/token_buckets.h"

#include <doctest/doctest.h>

namespace offcut::engine::token_buckets_test {
namespace {

TEST_CASE("a full bucket passes its bytes at once, then fills while the link is idle") {
  TokenBuckets buckets(2, 3000, 1000);
  CHECK(buckets.enter(0, 5000, 10) == 2000);
  buckets.leave(0, 12);
  CHECK(buckets.enter(0, 5000, 13) == 4000);  // A second of tokens.
  buckets.leave(0, 17);
  CHECK(buckets.enter(0, 5000, 100) == 2000);  // No more than the bucket holds.
  CHECK(buckets.enter(1, 5000, 100) == 2000);  // Each link has a bucket of its own.
}

TEST_CASE("a message that waits for others finds the bucket empty") {
  TokenBuckets buckets(1, 3000, 1000);
  CHECK(buckets.enter(0, 4000, 0) == 1000);
  CHECK(buckets.enter(0, 4000, 0.5) == 4000);
  buckets.leave(0, 1);
  buckets.leave(0, 5);
  CHECK(buckets.enter(0, 4000, 5) == 4000);
}

TEST_CASE("a message that passes at once leaves the rest to the next one") {
  TokenBuckets buckets(1, 3000, 1000);
  CHECK(buckets.enter(0, 1000, 0) == 0);
  buckets.leave(0, 0);
  CHECK(buckets.enter(0, 2500, 0) == 500);
}

}  // namespace
}  // namespace offcut::engine::token_buckets_test
