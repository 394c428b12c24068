// The channels of a tensor, and texts that name some of them.
#include "models/codec/channels.h"

#include <charconv>
#include <sstream>
#include <stdexcept>

#include "models/base/error.h"

namespace offcut::codec {
namespace {

constexpr std::size_t kMostChannels = 1'000'000;

std::size_t parse_number(const std::string& text, const std::string& all) {
  std::size_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end || number >= kMostChannels) {
    throw std::invalid_argument("expected channels such as 0-3,7, got " + in_quotes(all));
  }
  return number;
}

}  // namespace

Channels channels_of(const Shape& shape) {
  if (shape.empty()) {
    return {};
  }
  const std::size_t axis = shape.size() >= 2 ? 1 : 0;
  Channels channels{.count = static_cast<std::size_t>(shape[axis])};
  for (std::size_t i = axis + 1; i < shape.size(); ++i) {
    channels.run *= static_cast<std::size_t>(shape[i]);
  }
  return channels;
}

Channels ranged_channels_of(const Shape& shape) {
  return shape.size() >= 3 ? channels_of(shape)
                           : Channels{.count = 1, .run = static_cast<std::size_t>(elements(shape))};
}

std::vector<std::size_t> parse_channels(const std::string& text) {
  std::vector<std::size_t> all;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t dash = part.find('-');
    const std::size_t first = parse_number(part.substr(0, dash), text);
    const std::size_t last =
        dash == std::string::npos ? first : parse_number(part.substr(dash + 1), text);
    if (last < first) {
      throw std::invalid_argument("expected channels such as 0-3,7, got " + in_quotes(text));
    }
    for (std::size_t channel = first; channel <= last; ++channel) {
      all.push_back(channel);
    }
  }
  return all;
}

}  // namespace offcut::codec
