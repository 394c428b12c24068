// The parts of a way and the times of clients, beside a count of each second.

#include "sim/training/way.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "models/base/random.h"
#include "sim/training/client_times.h"

namespace offcut::training::way_test {
namespace {

using Kind = Way::Kind;

struct Span {
  Kind kind;
  int from, until;
};

std::size_t below(RandomStream& stream, std::size_t count) { return stream() % count; }
Kind any_kind(RandomStream& stream) {
  return below(stream, 2) == 0 ? Kind::computing : Kind::message;
}

bool covers(const std::vector<Span>& spans, Kind kind, int second) {
  return std::any_of(spans.begin(), spans.end(), [&](const Span& span) {
    return span.kind == kind && span.from <= second && second < span.until;
  });
}

/// Whole seconds are exact in doubles.
TimeParts counted(const std::vector<Span>& spans, int start, int end) {
  TimeParts parts;
  for (int second = start; second < end; ++second) {
    (covers(spans, Kind::computing, second) ? parts.compute
     : covers(spans, Kind::message, second) ? parts.communication
                                            : parts.waiting) += Seconds(1);
  }
  return parts;
}

void check_equal(const TimeParts& found, const TimeParts& expected) {
  CHECK(found.compute == expected.compute);
  CHECK(found.communication == expected.communication);
  CHECK(found.waiting == expected.waiting);
}

}  // namespace

TEST_CASE("way: its parts are those of each second, from any start on") {
  RandomStream stream = random_stream(1, "way");
  for (int i = 0; i < 300; ++i) {
    std::vector<Span> spans;
    Way way;
    int now = 0;
    for (std::size_t left = below(stream, 8); left > 0; --left) {
      const int from = now + static_cast<int>(below(stream, 3));
      now = from + static_cast<int>(below(stream, 4));
      spans.push_back({any_kind(stream), from, now});
      way = way.with(spans.back().kind, Seconds(from), Seconds(now));
    }
    const int end = now + static_cast<int>(below(stream, 3));
    for (int start = 0; start <= end; ++start) {
      check_equal(way.parts(Seconds(start), Seconds(end)), counted(spans, start, end));
    }
    // Parts before the start are not needed.
    const int start = static_cast<int>(below(stream, static_cast<std::size_t>(end) + 1));
    way.forget_before(Seconds(start));
    check_equal(way.parts(Seconds(start), Seconds(end)), counted(spans, start, end));
  }
}

TEST_CASE("way: two ways may have their past in common") {
  const Way past = Way().with(Kind::computing, Seconds(0), Seconds(2));
  const Way one = past.with(Kind::message, Seconds(2), Seconds(5));
  const Way other = past.with(Kind::computing, Seconds(3), Seconds(4));
  check_equal(one.parts(Seconds(0), Seconds(5)), {Seconds(2), Seconds(3), Seconds(0)});
  check_equal(other.parts(Seconds(0), Seconds(5)), {Seconds(3), Seconds(0), Seconds(2)});
  check_equal(Way().parts(Seconds(1), Seconds(4)), {Seconds(0), Seconds(0), Seconds(3)});
}

TEST_CASE("way: no part is below 0 where rounded times overlap") {
  const double end = 0.1 + 0.2;  // Above 0.3.
  const Way way = Way()
                      .with(Kind::computing, Seconds(0), Seconds(end))
                      .with(Kind::message, Seconds(0.3), Seconds(0.3));
  check_equal(way.parts(Seconds(0), Seconds(0.3)), {Seconds(0.3), Seconds(0), Seconds(0)});
}

TEST_CASE("way: a long one ends without a deep recursion") {
  Way way;
  for (int i = 0; i < 1'000'000; ++i) {
    way = way.with(Kind::computing, Seconds(i), Seconds(i + 1));
  }
  CHECK(way.parts(Seconds(0), Seconds(1e6)).compute.si() == 1e6);
}

TEST_CASE("client times: each second computes, or else communicates") {
  RandomStream stream = random_stream(2, "client times");
  for (int i = 0; i < 300; ++i) {
    std::vector<Span> spans;
    for (std::size_t left = 1 + below(stream, 6); left > 0; --left) {
      const int from = static_cast<int>(below(stream, 12));
      spans.push_back({any_kind(stream), from, from + static_cast<int>(below(stream, 5))});
    }
    ClientTimes times;
    times.resize(2);
    // Tasks are handed out when they begin, and told of when they end.
    for (int second = 0; second <= 20; ++second) {
      for (const bool is_begin : {true, false}) {
        for (const Span& span : spans) {
          if (is_begin && span.from == second) {
            times.begins(1);
          } else if (!is_begin && span.until == second) {
            times.ends(1, span.kind, Seconds(span.from), Seconds(span.until));
          }
        }
      }
    }
    CHECK(!times.is_at_work(1));
    const TimeParts expected = counted(spans, 0, 20);
    CHECK(times.of(1).compute == expected.compute);
    CHECK(times.of(1).communication == expected.communication);
    CHECK(times.of(0).all() == Seconds(0));
  }
}

TEST_CASE("client times: what is under way at the end does not count") {
  ClientTimes times;
  times.resize(1);
  times.begins(0);
  times.begins(0);
  times.ends(0, Kind::message, Seconds(1), Seconds(3));
  CHECK(times.is_at_work(0));
  CHECK(times.of(0).all() == Seconds(0));
  times.close();
  CHECK(times.of(0).communication == Seconds(2));
  CHECK(times.of(0).last == Seconds(3));
}

}  // namespace offcut::training::way_test
