// `waypoint` lets each device walk between random points of a map (random waypoint: Johnson and
// Maltz, "Dynamic Source Routing in Ad Hoc Wireless Networks", 1996): it draws a point, goes there
// in a straight line at a speed that it draws, rests, and draws the next one. It is attached to a
// site until another one is nearer by more than a hysteresis. The time at which that happens on a
// straight line is the root of a quadratic equation, so no step of time is involved.

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>

#include "models/base/random.h"
#include "sim/network/movement.h"

namespace offcut::network {
namespace {

struct Point {
  double x = 0, y = 0;
};

struct Range {
  double least, most;
};

struct WaypointMap {
  std::vector<Point> sites;
  Range x, y;  // Of the area.
  Range speed, pause;
  double hysteresis = 0;
};

constexpr double kForever = std::numeric_limits<double>::infinity();

double squared_distance(Point a, Point b) {
  return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

/// A straight line: the position t seconds after its start is `from` + t `velocity`.
struct Line {
  Point from, velocity;
  double duration = 0;

  Point at(double t) const { return {from.x + t * velocity.x, from.y + t * velocity.y}; }
};

/// Returns the first time on the line, not before `begin`, from which `other` is nearer than `own`
/// by more than `margin`; infinite: there is none.
///
/// With distances a to `own` and b to `other`, a = b + m there, so that a^2 - b^2 - m^2 = 2 m b.
/// The left side is linear in time, a^2 - b^2 = p + q t, and b^2 is quadratic.
double time_nearer(const Line& line, Point own, Point other, double margin, double begin) {
  const double p =
      squared_distance(line.from, own) - squared_distance(line.from, other) - margin * margin;
  const double q = 2 * (line.velocity.x * (other.x - own.x) + line.velocity.y * (other.y - own.y));
  const auto is_nearer_after = [&](double t) {  // A little later, lest rounding decides.
    const Point place = line.at(t + 1e-9 * std::max(line.duration, 1.0));
    return std::sqrt(squared_distance(place, own)) - std::sqrt(squared_distance(place, other)) >
           margin;
  };
  if (is_nearer_after(begin)) {
    return begin;
  }
  // (p + q t)^2 = 4 m^2 (d + e t + f t^2)
  const double m = 4 * margin * margin;
  const double d = squared_distance(line.from, other);
  const double e =
      2 * (line.velocity.x * (line.from.x - other.x) + line.velocity.y * (line.from.y - other.y));
  const double f = line.velocity.x * line.velocity.x + line.velocity.y * line.velocity.y;
  const double a = q * q - m * f, b = 2 * p * q - m * e, c = p * p - m * d;
  std::vector<double> roots;
  if (margin == 0) {
    roots = {q == 0 ? kForever : -p / q};
  } else if (std::abs(a) <= 1e-12 * (q * q + m * f)) {
    roots = {b == 0 ? kForever : -c / b};
  } else if (const double root = b * b - 4 * a * c; root >= 0) {
    const double half = -0.5 * (b + std::copysign(std::sqrt(root), b));
    roots = {half / a, half == 0 ? 0 : c / half};
    std::sort(roots.begin(), roots.end());
  }
  for (const double t : roots) {
    if (t >= begin && t <= line.duration && is_nearer_after(t)) {
      return t;
    }
  }
  return kForever;
}

class RandomWalk final : public Walk {
 public:
  RandomWalk(const WaypointMap& map, RandomStream stream) : map_(map), stream_(stream) {
    line_.from = draw_point();
    for (std::size_t i = 1; i < map_.sites.size(); ++i) {
      const bool is_nearer = squared_distance(line_.from, map_.sites[i]) <
                             squared_distance(line_.from, map_.sites[site_]);
      site_ = is_nearer ? i : site_;
    }
  }

  std::optional<Move> next() override {
    if (!has_started_) {
      has_started_ = true;
      return Move{Seconds(0), site_};
    }
    while (begin_ < kLatest && can_leave()) {
      double first = kForever;
      std::size_t nearest = site_;
      for (std::size_t i = 0; i < map_.sites.size(); ++i) {
        const double time = i == site_ ? kForever
                                       : time_nearer(line_, map_.sites[site_], map_.sites[i],
                                                     map_.hysteresis, walked_);
        if (time < first) {
          first = time;
          nearest = i;
        }
      }
      if (first <= line_.duration) {
        walked_ = first;
        site_ = nearest;
        return Move{Seconds(begin_ + first), site_};
      }
      start_line();
    }
    return std::nullopt;
  }

 private:
  static constexpr double kLatest = 1e9;  // As for the times of a scenario.

  /// Returns whether another site is nearer than this one by the hysteresis anywhere in the area,
  /// so that the walk does not go on for ever. Where one is nearer is convex and without end, so
  /// that it crosses the border of the area if it has a point in it.
  bool can_leave() {
    if (!can_leave_.contains(site_)) {
      const Point corners[] = {{map_.x.least, map_.y.least},
                               {map_.x.most, map_.y.least},
                               {map_.x.most, map_.y.most},
                               {map_.x.least, map_.y.most}};
      bool found = false;
      for (std::size_t side = 0; side < 4; ++side) {
        const Point from = corners[side], to = corners[(side + 1) % 4];
        const Line border{from, {to.x - from.x, to.y - from.y}, 1};
        for (std::size_t i = 0; i < map_.sites.size(); ++i) {
          found = found || (i != site_ && time_nearer(border, map_.sites[site_], map_.sites[i],
                                                      map_.hysteresis, 0) <= 1);
        }
      }
      can_leave_[site_] = found;
    }
    return can_leave_[site_];
  }

  double draw(Range range) {
    return range.least < range.most
               ? boost::random::uniform_real_distribution<double>(range.least, range.most)(stream_)
               : range.least;
  }
  Point draw_point() {
    const double x = draw(map_.x);
    return {x, draw(map_.y)};
  }
  /// Rests at the end of the line, and starts the next one.
  void start_line() {
    const Point here = line_.at(line_.duration);
    begin_ += line_.duration + draw(map_.pause);
    const Point target = draw_point();
    const double speed = draw(map_.speed);
    const double length = std::sqrt(squared_distance(here, target));
    line_ = {here, {0, 0}, length / speed};
    if (length > 0) {
      line_.velocity = {speed * (target.x - here.x) / length, speed * (target.y - here.y) / length};
    }
    walked_ = 0;
  }

  const WaypointMap& map_;
  RandomStream stream_;
  bool has_started_ = false;
  Line line_;
  double begin_ = 0;   // The time at which the line starts.
  double walked_ = 0;  // Since then.
  std::size_t site_ = 0;
  std::map<std::size_t, bool> can_leave_;  // By site.
};

class Waypoint final : public Movement {
 public:
  Waypoint(WaypointMap map, std::vector<MovingGroup> groups)
      : map_(std::move(map)), groups_(std::move(groups)) {}

  std::unique_ptr<Walk> walk(std::size_t device, std::uint64_t seed) const override {
    for (const MovingGroup& group : groups_) {
      if (group.moves && group.has(device)) {
        return std::make_unique<RandomWalk>(map_, random_stream(seed, "waypoint", device));
      }
    }
    return nullptr;
  }

 private:
  WaypointMap map_;
  std::vector<MovingGroup> groups_;
};

/// Returns the range of a list of one or two numbers. Throws std::invalid_argument.
Range range_of(const Parameters& parameters, const std::string& name) {
  const std::vector<double>& list = parameters.list(name);
  if (list.empty() || list.size() > 2 || list.front() > list.back()) {
    throw std::invalid_argument(name + ": expected a value, or a list of the least and the most");
  }
  return {list.front(), list.back()};
}

Range span_of(const std::vector<double>& values, double margin) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {*least - margin, *most + margin};
}

/// Returns the positions of the sites: as given, or in a row.
std::vector<double> positions(const std::vector<double>& given, std::size_t sites, double gap) {
  std::vector<double> all = given;
  for (std::size_t i = 0; given.empty() && i < sites; ++i) {
    all.push_back(gap * static_cast<double>(i));
  }
  return all;
}

std::unique_ptr<Movement> make_waypoint(const MobilityInput& input) {
  constexpr double kGap = 500;
  const Parameters& parameters = input.parameters;
  std::size_t places = 0;
  for (const MovingGroup& group : input.groups) {
    places = std::max(places, group.moves ? group.places : 0);
  }
  const std::vector<double> x = positions(parameters.list("x"), places, kGap);
  const std::vector<double> y = positions(parameters.list("y"), x.size(), 0);
  if (x.size() != y.size()) {
    throw std::invalid_argument("y: has " + std::to_string(y.size()) + " sites, but x has " +
                                std::to_string(x.size()));
  }
  for (const MovingGroup& group : input.groups) {
    if (group.moves && group.places != x.size()) {
      throw std::invalid_argument("x: has " + std::to_string(x.size()) +
                                  " sites, but the devices of " + in_quotes(group.name) +
                                  " can be at " + std::to_string(group.places));
    }
  }
  WaypointMap map;
  for (std::size_t i = 0; i < x.size(); ++i) {
    map.sites.push_back({x[i], y[i]});
  }
  map.x = span_of(x, parameters.at("margin"));
  map.y = span_of(y, parameters.at("margin"));
  map.speed = parameters.list("speed").empty() ? Range{0.5, 1.5} : range_of(parameters, "speed");
  map.pause = parameters.list("pause").empty() ? Range{0, 0} : range_of(parameters, "pause");
  map.hysteresis = parameters.at("hysteresis");
  if (map.x.least == map.x.most && map.y.least == map.y.most) {
    throw std::invalid_argument("x: all sites are at one point, so that nothing moves");
  }
  return std::make_unique<Waypoint>(std::move(map), input.groups);
}

}  // namespace

void register_waypoint(Registry<MobilityKind>& registry) {
  constexpr double kFarthest = 1e7;
  registry.add(
      {.name = "waypoint",
       .doc = "random waypoint over a map of the sites; a device is attached to the nearest one",
       .parameters =
           {{.name = "x",
             .dimension = Dimension::length,
             .is_list = true,
             .least = -kFarthest,
             .most = kFarthest,
             .doc = "positions of the sites from west to east, site by site; by default in a row, "
                    "500 m "
                    "apart",
             .example = "[0 m, 400 m]"},
            {.name = "y",
             .dimension = Dimension::length,
             .is_list = true,
             .least = -kFarthest,
             .most = kFarthest,
             .doc = "positions of the sites from south to north; 0 m by default",
             .example = "[0 m, 0 m]"},
            {.name = "margin",
             .dimension = Dimension::length,
             .fallback = 100,
             .least = 0,
             .most = kFarthest,
             .doc = "distance by which the area of the walks exceeds the sites on each side"},
            {.name = "speed",
             .dimension = Dimension::velocity,
             .is_list = true,
             .least = 0.01,
             .most = 1e3,
             .doc = "least and most speed of a walk, between which it is uniform, or one speed; by "
                    "default 0.5 m/s to 1.5 m/s",
             .example = "[1 m/s, 2 m/s]"},
            {.name = "pause",
             .dimension = Dimension::time,
             .is_list = true,
             .least = 0,
             .most = 1e9,
             .doc = "least and most rest at the end of a walk, or one rest; no rest by default",
             .example = "[0 s, 60 s]"},
            {.name = "hysteresis",
             .dimension = Dimension::length,
             .fallback = 0,
             .least = 0,
             .most = kFarthest,
             .doc = "distance by which another site must be nearer before a device moves to it"}},
       .make = make_waypoint});
}

}  // namespace offcut::network
