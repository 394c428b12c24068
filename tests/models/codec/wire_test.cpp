#include "models/codec/wire.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "models/codec/choose.h"
#include "models/zoo/builder.h"

namespace offcut::codec::wire_test {

TEST_CASE("wire: an input crosses encoded only if that is smaller, and other tensors always") {
  Registry<CodecKind> codecs;
  register_codecs(codecs);
  const auto codec = make_codec("int8", codecs);
  Registry<ops::Operator> operators;
  ops::register_operators(operators);
  std::size_t equal = 0;
  for (std::int64_t width = 1; width <= 32; ++width) {
    CAPTURE(width);
    Graph graph("wire");
    zoo::NetworkBuilder net(graph, operators, 1);
    const TensorId in = graph.add_input("x", {DataType::float32, {1, width}}, DataType::float32);
    const TensorId out = net.relu("relu", in);
    const auto encoded = static_cast<double>(codec->byte_bound({DataType::float32, {1, width}}));
    const double raw = 4.0 * static_cast<double>(width);
    equal += encoded == raw ? 1U : 0U;
    CHECK(crosses_encoded(graph, in, *codec) == (encoded < raw));
    CHECK(bytes_on_wire(graph, in, *codec) == std::min(encoded, raw));
    CHECK(crosses_encoded(graph, out, *codec));
    CHECK(bytes_on_wire(graph, out, *codec) == encoded);
  }
  CHECK(equal == 1);
}

}  // namespace offcut::codec::wire_test
