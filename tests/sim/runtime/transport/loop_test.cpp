#include "sim/runtime/transport/loop.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <thread>
#include <vector>

#include "sim/runtime/transport/io_loop.h"
#include "sim/runtime/transport/virtual_loop.h"

namespace offcut::runtime::loop_test {

TEST_CASE("virtual loop: actions in the order of their times, at exact times") {
  VirtualLoop loop;
  std::vector<std::pair<int, double>> ran;
  const auto note = [&](int number) {
    return [&ran, &loop, number] { ran.emplace_back(number, loop.now().si()); };
  };
  loop.at(Seconds(3), note(3));
  loop.at(Seconds(1), [&] {
    note(1)();
    loop.post(note(2));
    loop.at(Seconds(0.5), note(4));  // In the past: as soon as possible.
  });
  const Loop::Timer cancelled = loop.at(Seconds(2), note(9));
  loop.at(Seconds(3), note(5));
  loop.cancel(cancelled);
  loop.post(note(0));
  loop.run_until(Seconds(2));
  CHECK(loop.now() == Seconds(2));
  CHECK(ran == std::vector<std::pair<int, double>>{{0, 0}, {1, 1}, {2, 1}, {4, 1}});
  loop.run();
  CHECK(ran.size() == 6);
  CHECK(ran[4] == std::pair<int, double>{3, 3});
  CHECK(ran[5] == std::pair<int, double>{5, 3});
  loop.cancel(cancelled);  // Does nothing.
}

TEST_CASE("io loop: timers, posts of other threads, and exceptions") {
  IoLoop loop;
  std::vector<int> ran;
  const Seconds start = loop.now();
  loop.at(start + Seconds(0.02), [&] { ran.push_back(3); });
  const Loop::Timer cancelled = loop.at(start + Seconds(0.01), [&] { ran.push_back(9); });
  loop.at(start + Seconds(0.005), [&] {
    ran.push_back(2);
    loop.cancel(cancelled);
  });
  loop.at(start - Seconds(1), [&] { ran.push_back(1); });
  loop.at(start + Seconds(0.03), [&] {
    CHECK(loop.now() >= start + Seconds(0.03));
    throw std::runtime_error("of an action");
  });
  CHECK_THROWS_WITH(loop.run(), "of an action");
  CHECK(ran == std::vector<int>{1, 2, 3});

  std::thread::id thread;
  std::thread other([&] {
    loop.post([&] {
      thread = std::this_thread::get_id();
      loop.stop();
    });
  });
  loop.run();
  other.join();
  CHECK(thread == std::this_thread::get_id());
}

TEST_CASE("io loop: a stop before the start is not lost") {
  IoLoop loop;
  loop.stop();
  loop.run();
  CHECK(true);
}

}  // namespace offcut::runtime::loop_test
