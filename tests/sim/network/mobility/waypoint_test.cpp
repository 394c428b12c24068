// Random waypoint against a walk in small steps that makes the same draws.

#include <doctest/doctest.h>

#include <boost/random/uniform_real_distribution.hpp>
#include <cmath>

#include "kinds.h"
#include "models/base/random.h"

namespace offcut::network::waypoint_test {
namespace {

struct Map {
  std::vector<double> x, y;
  double margin = 0, hysteresis = 0;
  std::vector<double> speed, pause;
};

std::unique_ptr<Movement> waypoint(const Map& map, std::size_t devices = 1) {
  MobilityInput input{.groups = one_group(devices, map.x.size())};
  input.parameters.set("x", map.x);
  input.parameters.set("y", map.y);
  input.parameters.set("speed", map.speed);
  input.parameters.set("pause", map.pause);
  input.parameters.set("margin", map.margin);
  input.parameters.set("hysteresis", map.hysteresis);
  return make_movement("waypoint", input);
}

double drawn(RandomStream& stream, double least, double most) {
  return least < most ? boost::random::uniform_real_distribution<double>(least, most)(stream)
                      : least;
}

/// Walks in steps of a millisecond.
std::vector<Move> naive_walk(const Map& map, std::size_t device, double end) {
  constexpr double kStep = 1e-3;
  RandomStream stream = random_stream(1, "waypoint", device);
  const auto [west, east] = std::minmax_element(map.x.begin(), map.x.end());
  const auto [south, north] = std::minmax_element(map.y.begin(), map.y.end());
  const auto point = [&] {
    const double x = drawn(stream, *west - map.margin, *east + map.margin);
    return std::pair(x, drawn(stream, *south - map.margin, *north + map.margin));
  };
  auto [x, y] = point();
  const auto distance = [&](std::size_t site) {
    return std::hypot(x - map.x[site], y - map.y[site]);
  };
  std::size_t site = 0;
  for (std::size_t i = 1; i < map.x.size(); ++i) {
    site = distance(i) < distance(site) ? i : site;
  }
  std::vector<Move> moves = {{Seconds(0), site}};
  double begin = 0;
  while (begin < end) {
    begin += drawn(stream, map.pause.front(), map.pause.back());
    const auto [to_x, to_y] = point();
    const double speed = drawn(stream, map.speed.front(), map.speed.back());
    const auto [from_x, from_y] = std::pair(x, y);
    const double length = std::hypot(to_x - from_x, to_y - from_y);
    const double duration = length / speed;
    for (double t = 0; t <= duration; t += kStep) {
      x = from_x + t * speed * (to_x - from_x) / length;
      y = from_y + t * speed * (to_y - from_y) / length;
      for (std::size_t i = 0; i < map.x.size(); ++i) {
        if (i != site && distance(site) - distance(i) > map.hysteresis) {
          site = i;
          moves.push_back({Seconds(begin + t), site});
        }
      }
    }
    x = to_x;
    y = to_y;
    begin += duration;
  }
  while (moves.back().time.si() > end) {
    moves.pop_back();
  }
  return moves;
}

}  // namespace

TEST_CASE("waypoint: the moves of a walk in small steps, with and without hysteresis") {
  const Map maps[] = {{{0, 300, 150}, {0, 0, 200}, 50, 0, {5, 15}, {0, 3}},
                      {{0, 300, 150}, {0, 0, 200}, 50, 40, {5, 15}, {0, 3}},
                      {{0, 100, 200, 300, 400}, {0, 0, 0, 0, 0}, 0, 10, {20, 20}, {0, 0}}};
  for (const Map& map : maps) {
    const auto movement = waypoint(map, 4);
    for (std::size_t device = 0; device < 4; ++device) {
      const std::vector<Move> moves = moves_until(*movement, device, 400);
      const std::vector<Move> expected = naive_walk(map, device, 400);
      REQUIRE(moves.size() == expected.size());
      CHECK(moves.size() > 5);
      for (std::size_t i = 0; i < moves.size(); ++i) {
        CHECK(moves[i].place == expected[i].place);
        CHECK(std::abs(moves[i].time.si() - expected[i].time.si()) < 2e-3);
      }
    }
  }
}

TEST_CASE("waypoint: a walk ends at a site that it can't leave") {
  Map map{.x = {0, 3}, .y = {0, 4}, .hysteresis = 5, .speed = {1, 2}, .pause = {0, 0.1}};
  const auto movement = waypoint(map);
  auto walk = movement->walk(0, 1);
  CHECK(walk->next());
  CHECK(!walk->next());
  map.hysteresis = 4.5;
  const auto other = waypoint(map);
  walk = other->walk(0, 1);
  CHECK(walk->next());
  CHECK(walk->next());
}

TEST_CASE("waypoint: a walk depends on its seed and device alone") {
  const Map map{{0, 300}, {0, 100}, 50, 20, {5, 15}, {0, 3}};
  const auto few = waypoint(map, 2);
  const auto many = waypoint(map, 9);
  const auto times = [](const std::vector<Move>& moves) {
    std::vector<double> all;
    for (const Move& move : moves) {
      all.push_back(move.time.si());
    }
    return all;
  };
  CHECK(times(moves_until(*few, 1, 1000)) == times(moves_until(*many, 1, 1000)));
  CHECK(times(moves_until(*few, 1, 1000)) != times(moves_until(*few, 0, 1000)));
  CHECK(times(moves_until(*few, 1, 1000)) != times(moves_until(*few, 1, 1000, 2)));
  CHECK(few->walk(2, 1) == nullptr);
}

TEST_CASE("waypoint: lists that do not go together are errors") {
  const auto error = [](Map map, std::size_t places) {
    MobilityInput input{.groups = one_group(1, places)};
    input.parameters.set("x", map.x);
    input.parameters.set("y", map.y);
    input.parameters.set("speed", map.speed);
    input.parameters.set("pause", map.pause);
    input.parameters.set("margin", map.margin);
    input.parameters.set("hysteresis", 0.0);
    try {
      make_movement("waypoint", input);
    } catch (const std::invalid_argument& wrong) {
      return std::string(wrong.what());
    }
    return std::string();
  };
  CHECK(error({{0, 1}, {0}, 1, 0, {1}, {}}, 2) == "y: has 1 sites, but x has 2");
  CHECK(error({{0, 1}, {0, 0}, 1, 0, {1}, {}}, 3) ==
        "x: has 2 sites, but the devices of 'phone' can be at 3");
  CHECK(error({{0, 1}, {0, 0}, 1, 0, {2, 1}, {}}, 2) ==
        "speed: expected a value, or a list of the least and the most");
  CHECK(error({{0, 0}, {0, 0}, 0, 0, {1}, {}}, 2) ==
        "x: all sites are at one point, so that nothing moves");
  CHECK(error({{0, 1}, {0, 0}, 1, 0, {1}, {}}, 2).empty());
}

}  // namespace offcut::network::waypoint_test
