#include "models/codec/channels.h"

#include <doctest/doctest.h>

#include <stdexcept>

namespace offcut::codec::channels_test {

TEST_CASE("channels: numbers and ranges") {
  using List = std::vector<std::size_t>;
  CHECK(parse_channels("5") == List{5});
  CHECK(parse_channels("0-3,7") == List{0, 1, 2, 3, 7});
  CHECK(parse_channels("3-3") == List{3});
  CHECK(parse_channels("9,0-1") == List{9, 0, 1});
  CHECK_THROWS_WITH_AS(parse_channels("3-2"), "expected channels such as 0-3,7, got '3-2'",
                       std::invalid_argument);
  CHECK_THROWS_AS(parse_channels("a"), std::invalid_argument);
  CHECK_THROWS_AS(parse_channels("1-"), std::invalid_argument);
}

TEST_CASE("channels: axis 1 of images and matrices, axis 0 of vectors") {
  const Channels image = channels_of({2, 3, 4, 5});
  CHECK(image.count == 3);
  CHECK(image.run == 20);
  CHECK(image.channel_of(19) == 0);
  CHECK(image.channel_of(20) == 1);
  CHECK(image.channel_of(60) == 0);  // Of the second image.
  CHECK(channels_of({2, 3}).count == 3);
  CHECK(channels_of({2, 3}).run == 1);
  CHECK(channels_of({4}).count == 4);
  CHECK(ranged_channels_of({2, 3}).count == 1);
  CHECK(ranged_channels_of({2, 3}).run == 6);
  CHECK(ranged_channels_of({2, 3, 4}).count == 3);
}

}  // namespace offcut::codec::channels_test
