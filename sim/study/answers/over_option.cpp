// Splits the lists of --over at the commas between their parts, and checks that no part contradicts
// another.

#include "sim/study/answers/over_option.h"

#include <fmt/format.h>

#include <algorithm>

namespace offcut::study {
namespace {

constexpr const char* kPlanWord = "plan";
constexpr const char* kSchedulingWord = "scheduling";

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  return begin == std::string::npos ? ""
                                    : text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

/// Splits a text at commas outside of brackets, braces and quotes.
std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) {
      quote = c == quote ? 0 : quote;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',' && depth <= 0) {
      parts.emplace_back();
      continue;
    }
    parts.back() += c;
  }
  for (std::string& part : parts) {
    part = trimmed(part);
  }
  return parts;
}

/// Returns whether the path leads to something that `plan` replaces.
bool is_of_plan(const std::string& path) {
  const auto ends_in = [&](const std::string& key) {
    return path == kPlanWord + key ||
           (path.starts_with("models.") && path.ends_with(kPlanWord + key));
  };
  return ends_in("") || ends_in(".algorithm") || ends_in(".file") || ends_in(".after");
}

bool is_of_scheduling(const std::string& path) {
  return path == kSchedulingWord || path.starts_with(fmt::format("{}.", kSchedulingWord));
}

void check_path(const std::string& part, const Over& over, const std::string& option,
                std::vector<Diagnostic>& diagnostics) {
  const std::string path = part.substr(0, part.find('='));
  const char* const word = over.plan && is_of_plan(path)               ? kPlanWord
                           : over.scheduling && is_of_scheduling(path) ? kSchedulingWord
                                                                       : nullptr;
  if (word != nullptr) {
    diagnostics.push_back(
        {{option},
         fmt::format("'{}' already chooses {}: expected one of them", word, in_quotes(path))});
  }
}

}  // namespace

Over read_over(const std::vector<std::string>& texts, const std::string& option,
               std::vector<Diagnostic>& diagnostics) {
  static const std::vector<std::string> kWords = {kPlanWord, kSchedulingWord};
  Over over;
  for (const std::string& text : texts) {
    for (const std::string& part : parts_of(text)) {
      if (part == kPlanWord) {
        over.plan = true;
      } else if (part == kSchedulingWord) {
        over.scheduling = true;
      } else if (part.find('=') != std::string::npos && !part.starts_with('=')) {
        over.vary.push_back(part);
      } else {
        const std::string near = nearest(part, kWords);
        diagnostics.push_back(
            {{option},
             fmt::format("expected plan, scheduling or PATH=VALUES, such as "
                         "tiers.edge.count=1..8, got {}{}",
                         in_quotes(part),
                         near.empty() ? "" : fmt::format("; did you mean '{}'?", near))});
      }
    }
  }
  for (const std::string& part : over.vary) {
    check_path(part, over, option, diagnostics);
  }
  return over;
}

}  // namespace offcut::study
