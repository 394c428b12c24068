#include "models/base/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

namespace offcut {
namespace {

std::string join_texts(std::span<const Mistake> mistakes) {
  std::vector<std::string> texts;
  texts.reserve(mistakes.size());
  for (const Mistake& mistake : mistakes) {
    texts.push_back(to_text(mistake));
  }
  return fmt::format("{}", fmt::join(texts, "\n"));
}

constexpr std::size_t kLetter = 2;  // cost of a letter changed, added or left out
constexpr std::size_t kCase = 1;    // of one in the wrong case

std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto substitution = [](char x, char y) -> std::size_t {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return x == y ? 0 : lower(x) == lower(y) ? kCase : kLetter;
  };
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) {
    row[j] = j * kLetter;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = (i + 1) * kLetter;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + substitution(a[i], b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + kLetter, row[j + 1] + kLetter});
    }
  }
  return row.back();
}

}  // namespace

std::string to_text(const Mistake& mistake) {
  const Place& place = mistake.place;
  if (place.line == 0) {
    return fmt::format("{}: error: {}", place.file, mistake.message);
  }
  return fmt::format("{}:{}:{}: error: {}", place.file, place.line, place.column, mistake.message);
}

InputError::InputError(std::vector<Mistake> mistakes)
    : std::runtime_error(join_texts(mistakes)), mistakes_(std::move(mistakes)) {}

InputError::InputError(Place place, std::string message)
    : InputError(std::vector{Mistake{std::move(place), std::move(message)}}) {}

std::string nearest(std::string_view name, std::span<const std::string> candidates) {
  // Half of the letters may differ: farther away, a guess misleads more than it helps.
  std::size_t best = kLetter * std::max<std::size_t>(1, name.size() / 2) + 1;
  std::string found;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

std::string suggestion(std::string_view name, std::span<const std::string> candidates) {
  if (const std::string near = nearest(name, candidates); !near.empty()) {
    return fmt::format("; did you mean '{}'?", near);
  }
  return candidates.empty() ? "" : fmt::format("; valid: {}", fmt::join(candidates, ", "));
}

}  // namespace offcut
