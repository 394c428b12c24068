#include "sim/runtime/service/routes.h"

#include <charconv>
#include <vector>

namespace offcut::runtime {
namespace {

/// Decodes "%2F". Returns nothing if the text ends in the middle of it or has other digits.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned char byte = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || read.ptr != digits.data() + 2) {
      return std::nullopt;
    }
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

/// Returns the path: without the query, and without the host of a target in absolute form.
std::string_view path_of(std::string_view target) {
  target = target.substr(0, target.find_first_of("?#"));
  if (constexpr std::string_view kScheme = "http://"; target.starts_with(kScheme)) {
    target.remove_prefix(kScheme.size());
    const auto slash = target.find('/');
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  return target;
}

/// Splits at each '/' before decoding, so that a name may hold one.
std::optional<std::vector<std::string>> segments_of(std::string_view path) {
  if (!path.starts_with('/')) {
    return std::nullopt;
  }
  path.remove_prefix(1);
  if (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  std::vector<std::string> segments;
  for (bool is_last = false; !is_last;) {
    const auto slash = path.find('/');
    is_last = slash == std::string_view::npos;
    const auto segment = decoded(path.substr(0, slash));
    if (!segment || segment->empty()) {
      return std::nullopt;
    }
    segments.push_back(*segment);
    path.remove_prefix(is_last ? path.size() : slash + 1);
  }
  return segments;
}

}  // namespace

std::optional<Target> parse_target(std::string_view target) {
  const auto found = segments_of(path_of(target));
  if (!found) {
    return std::nullopt;
  }
  const std::vector<std::string>& path = *found;
  const std::size_t count = path.size();
  if (count == 1 && path[0] == "metrics") {
    return Target{Route::metrics};
  }
  if (path[0] != "v2") {
    return std::nullopt;
  }
  if (count == 1) {
    return Target{Route::server};
  }
  if (count == 3 && path[1] == "health" && (path[2] == "live" || path[2] == "ready")) {
    return Target{path[2] == "live" ? Route::live : Route::ready};
  }
  if (count < 3 || path[1] != "models") {
    return std::nullopt;
  }
  Target model{.route = Route::model, .model = path[2]};
  std::size_t next = 3;
  if (count >= 5 && path[3] == "versions") {
    model.version = path[4];
    next = 5;
  }
  if (count == next) {
    return model;
  }
  if (count == next + 1 && (path[next] == "ready" || path[next] == "infer")) {
    model.route = path[next] == "ready" ? Route::model_ready : Route::infer;
    return model;
  }
  return std::nullopt;
}

std::string_view to_text(Route route) {
  switch (route) {
    case Route::server:
      return "server";
    case Route::live:
      return "live";
    case Route::ready:
      return "ready";
    case Route::model:
      return "model";
    case Route::model_ready:
      return "model_ready";
    case Route::infer:
      return "infer";
    case Route::metrics:
      break;
  }
  return "metrics";
}

}  // namespace offcut::runtime
