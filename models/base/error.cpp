// Errors in user input: their texts, their order, and suggestions for misspelt names. A suggestion
// is the valid name with the smallest edit distance, which is computed here because a letter in the
// wrong case must count half.
#include "models/base/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <tuple>
#include <utility>

#include "models/base/printable.h"

namespace offcut {
namespace {

std::string join_texts(std::span<const Diagnostic> diagnostics) {
  std::vector<std::string> texts;
  texts.reserve(diagnostics.size());
  for (const Diagnostic& diagnostic : diagnostics) {
    texts.push_back(to_text(diagnostic));
  }
  return fmt::format("{}", fmt::join(texts, "\n"));
}

constexpr std::size_t kLongestQuote = 100;  // Valid names and values are shorter.

// The most valid names in one message: all devices fit, the layers of a large network do not.
constexpr std::size_t kMostListed = 40;

constexpr std::size_t kLetter = 2;  // Cost of a letter changed, added or omitted.
constexpr std::size_t kCase = 1;    // Cost of a letter in the wrong case.

/// Returns Levenshtein's distance, where two swapped neighbours are one error (optimal string
/// alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto substitution = [](char x, char y) -> std::size_t {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return x == y ? 0 : lower(x) == lower(y) ? kCase : kLetter;
  };
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) {
    row[j] = j * kLetter;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = std::exchange(last, std::move(row));
    row.assign(b.size() + 1, i * kLetter);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j - 1] + substitution(a[i - 1], b[j - 1]), row[j - 1] + kLetter,
                         last[j] + kLetter});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + kLetter);
      }
    }
  }
  return row.back();
}

}  // namespace

bool is_among(const Diagnostic& diagnostic, std::span<const Diagnostic> diagnostics) {
  return std::find(diagnostics.begin(), diagnostics.end(), diagnostic) != diagnostics.end();
}

void add_new(std::span<const Diagnostic> found, std::vector<Diagnostic>& diagnostics) {
  for (const Diagnostic& diagnostic : found) {
    if (!is_among(diagnostic, diagnostics)) {
      diagnostics.push_back(diagnostic);
    }
  }
}

std::string to_text(const Diagnostic& diagnostic) {
  const Place& place = diagnostic.place;
  const std::string file = place.file.empty() ? "''" : printable_line(place.file);
  const std::string position =
      place.line == 0 ? file : fmt::format("{}:{}:{}", file, place.line, place.column);
  return printable(position + ": error: " + diagnostic.message);
}

std::string shortened(std::string_view text) {
  if (text.size() <= kLongestQuote) {
    return printable_line(text);
  }
  const auto inside_letter = [&](std::size_t i) { return (text[i] & 0xc0) == 0x80; };  // UTF-8.
  std::size_t head = kLongestQuote / 2;
  std::size_t tail = text.size() - kLongestQuote / 4;
  while (head > 0 && inside_letter(head)) {
    --head;
  }
  while (tail < text.size() && inside_letter(tail)) {
    ++tail;
  }
  return fmt::format("{} ... {}", printable_line(text.substr(0, head)),
                     printable_line(text.substr(tail)));
}

std::string in_quotes(std::string_view text) { return fmt::format("'{}'", shortened(text)); }

void sort_by_place(std::vector<Diagnostic>& diagnostics, const std::string& file) {
  std::stable_sort(
      diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& a, const Diagnostic& b) {
        const auto rank = [&](const Place& place) {
          return place.file == file ? std::tuple(0, place.line, place.column) : std::tuple(1, 0, 0);
        };
        return rank(a.place) < rank(b.place);
      });
}

InputError::InputError(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(join_texts(diagnostics)), diagnostics_(std::move(diagnostics)) {}

InputError::InputError(Place place, std::string message)
    : InputError(std::vector{Diagnostic{std::move(place), std::move(message)}}) {}

std::string nearest(std::string_view name, std::span<const std::string> candidates) {
  // Up to a third of the letters may differ, and at most three: a more distant guess misleads more
  // than it helps.
  const std::size_t limit = kLetter * std::clamp<std::size_t>(name.size() / 3, 1, 3);
  std::size_t best = limit + 1;
  std::string found;
  std::string around;  // A candidate that contains the name.
  std::size_t containing = 0;
  constexpr std::size_t kTelling = 3;  // Too many candidates contain a shorter name.
  for (const std::string& candidate : candidates) {
    if (name.size() >= kTelling && candidate.find(name) != std::string::npos) {
      around = candidate;
      ++containing;
    }
    const std::size_t longer = std::max(name.size(), candidate.size());
    if (kLetter * (longer - std::min(name.size(), candidate.size())) >= best) {
      continue;  // The difference in length alone is too large.
    }
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best) {
      best = distance;
      found = candidate;
    }
  }
  return found.empty() && containing == 1 ? around : found;
}

std::string suggestion(std::string_view name, std::span<const std::string> candidates) {
  if (const std::string near = nearest(name, candidates); !near.empty()) {
    return fmt::format("; did you mean '{}'?", printable_line(near));
  }
  if (candidates.empty()) {
    return "";
  }
  std::vector<std::string> shown;
  for (const std::string& candidate : candidates.first(std::min(candidates.size(), kMostListed))) {
    shown.push_back(printable_line(candidate));
  }
  return fmt::format(
      "; valid: {}{}", fmt::join(shown, ", "),
      shown.size() < candidates.size() ? fmt::format(", ... ({} in all)", candidates.size()) : "");
}

}  // namespace offcut
