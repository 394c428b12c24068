#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace offcut {

/// A number with a physical dimension, given by its exponents of time, data, work and energy.
/// Values are in SI (seconds, bytes, floating-point operations, joules). Code that mixes dimensions
/// does not compile; products and quotients have the right dimension; a quotient of equal
/// dimensions converts to double.
template <int Time, int Data, int Work, int Energy>
class Quantity {
 public:
  static constexpr bool kIsRatio = Time == 0 && Data == 0 && Work == 0 && Energy == 0;

  constexpr Quantity() = default;
  constexpr explicit(!kIsRatio) Quantity(double si) : si_(si) {}

  constexpr double si() const { return si_; }
  constexpr operator double() const requires kIsRatio { return si_; }

  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity operator-() const { return Quantity(-si_); }
  constexpr Quantity& operator+=(Quantity o) { return si_ += o.si_, *this; }
  constexpr Quantity& operator-=(Quantity o) { return si_ -= o.si_, *this; }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.si_ + b.si_); }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.si_ - b.si_); }
  friend constexpr Quantity operator*(Quantity a, double k) { return Quantity(a.si_ * k); }
  friend constexpr Quantity operator*(double k, Quantity a) { return Quantity(k * a.si_); }
  friend constexpr Quantity operator/(Quantity a, double k) { return Quantity(a.si_ / k); }

 private:
  double si_ = 0;
};

template <int T1, int D1, int W1, int E1, int T2, int D2, int W2, int E2>
constexpr auto operator*(Quantity<T1, D1, W1, E1> a, Quantity<T2, D2, W2, E2> b) {
  return Quantity<T1 + T2, D1 + D2, W1 + W2, E1 + E2>(a.si() * b.si());
}
template <int T1, int D1, int W1, int E1, int T2, int D2, int W2, int E2>
constexpr auto operator/(Quantity<T1, D1, W1, E1> a, Quantity<T2, D2, W2, E2> b) {
  return Quantity<T1 - T2, D1 - D2, W1 - W2, E1 - E2>(a.si() / b.si());
}

using Seconds = Quantity<1, 0, 0, 0>;
using Bytes = Quantity<0, 1, 0, 0>;
using Flops = Quantity<0, 0, 1, 0>;
using Joules = Quantity<0, 0, 0, 1>;
using PerSecond = Quantity<-1, 0, 0, 0>;
using BytesPerSecond = Quantity<-1, 1, 0, 0>;
using FlopsPerSecond = Quantity<-1, 0, 1, 0>;
using Watts = Quantity<-1, 0, 0, 1>;

inline constexpr double kSecondsPerHour = 3600;
inline constexpr double kBytesPerGigabyte = 1e9;

/// The dimensions that a text can have; `number` is a plain number or a percentage.
enum class Dimension {
  number,
  time,
  data,
  work,
  energy,
  rate,
  bandwidth,
  speed,  // Of computations.
  power,
  length,
  velocity
};

template <class Q>
inline constexpr Dimension kDimension = Dimension::number;
template <>
inline constexpr Dimension kDimension<Seconds> = Dimension::time;
template <>
inline constexpr Dimension kDimension<Bytes> = Dimension::data;
template <>
inline constexpr Dimension kDimension<Flops> = Dimension::work;
template <>
inline constexpr Dimension kDimension<Joules> = Dimension::energy;
template <>
inline constexpr Dimension kDimension<PerSecond> = Dimension::rate;
template <>
inline constexpr Dimension kDimension<BytesPerSecond> = Dimension::bandwidth;
template <>
inline constexpr Dimension kDimension<FlopsPerSecond> = Dimension::speed;
template <>
inline constexpr Dimension kDimension<Watts> = Dimension::power;

/// Parses a number with a unit ("20 ms", "5.85 Mbit/s", "4 GiB", "12 W", "80 %") to SI, correctly
/// rounded where the unit's factor is a whole number or its inverse. The blank between number and
/// unit is optional. Throws std::invalid_argument with the expected dimension, an example and the
/// nearest unit.
double parse_quantity(std::string_view text, Dimension dimension);

template <class Q>
Q parse(std::string_view text) {
  return Q(parse_quantity(text, kDimension<Q>));
}

/// Returns the shortest text in the dimension's SI unit that parses back to the same value
/// ("0.02 s", "731250 B/s").
std::string to_text(double si, Dimension dimension);

template <int T, int D, int W, int E>
std::string to_text(Quantity<T, D, W, E> q) {
  return to_text(q.si(), kDimension<Quantity<T, D, W, E>>);
}

/// Formats a value for people: three significant digits with a fitting prefix ("12.3 ms",
/// "5.85 Mbit/s", "1.5 MB").
std::string to_readable(double si, Dimension dimension);

template <int T, int D, int W, int E>
std::string to_readable(Quantity<T, D, W, E> q) {
  return to_readable(q.si(), kDimension<Quantity<T, D, W, E>>);
}

}  // namespace offcut
