#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace offcut::engine {

/// The buckets of the shapers of alike links (token bucket filters): a link passes as many bytes at
/// once as its bucket has. Bytes beyond them leave at the link's rate, with which the bucket also
/// fills, so that it is empty as long as anything is on the link, and fills while it is idle.
class TokenBuckets {
 public:
  /// The buckets of `links` links with a rate in bytes per second. They are full at the start.
  TokenBuckets(std::size_t links, double burst, double rate)
      : burst_(burst), rate_(rate), buckets_(links, Bucket{burst, 0, 0}) {}

  /// A piece of `bytes` begins on the link. Returns those of them that do not pass at once.
  double enter(std::size_t link, double bytes, double now) {
    Bucket& bucket = buckets_[link];
    double passing = 0;
    if (bucket.pieces++ == 0) {
      const double tokens = std::min(burst_, bucket.tokens + rate_ * (now - bucket.since));
      passing = std::min(tokens, bytes);
      bucket.tokens = tokens - passing;
      bucket.since = now;
    }
    return bytes - passing;
  }
  /// A piece has left the link, or was taken off it.
  void leave(std::size_t link, double now) {
    Bucket& bucket = buckets_[link];
    // A piece that passed at once took no time, so that the bucket kept what it had.
    if (--bucket.pieces == 0) {
      bucket.tokens = now > bucket.since ? 0 : bucket.tokens;
      bucket.since = now;
    }
  }

 private:
  struct Bucket {
    double tokens;  // At the time `since`, while nothing is on the link.
    double since;
    std::size_t pieces;  // On the link.
  };

  double burst_, rate_;
  std::vector<Bucket> buckets_;
};

}  // namespace offcut::engine
