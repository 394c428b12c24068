#include "partition/drawing.h"

#include <doctest/doctest.h>

namespace offcut::partition::drawing_test {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (auto i = text.find(part); i != std::string::npos; i = text.find(part, i + 1)) {
    ++times;
  }
  return times;
}

}  // namespace

TEST_CASE("drawing: an encoded tensor has its encoded size on the way out") {
  CostTable problem{.tiers = {"device", "cloud"},
                    .layers = {"a", "b"},
                    .seconds = {2, std::vector<Seconds>(2, Seconds(1))},
                    .tensors = {{"in", {}, {0}, Bytes(10)},
                                {"middle", 0, {1}, Bytes(2000)},
                                {"answer", 1, {}, Bytes(40), true}},
                    .hops = {{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}}};
  problem.tensors[1].coding = Coding{.bytes = Bytes(500),
                                     .encode = {Seconds(0), Seconds(0)},
                                     .decode = {Seconds(0), Seconds(0)},
                                     .codec = "uint8"};
  problem.check();
  const std::string dot = draw_plan(problem, {0, 1});
  CHECK(count(dot, "\"middle, 500 B\"") == 1);
  CHECK(count(dot, "\"answer, 40 B\"") == 1);
}

TEST_CASE("drawing: a tensor with two readers beyond the cut crosses once") {
  // The tail, layer 3, reads the output of layer 2, which is in the cloud.
  const CostTable problem{.tiers = {"device", "cloud"},
                          .layers = {"a", "b", "say \"c\"", "d"},
                          .seconds = {2, std::vector<Seconds>(4, Seconds(1))},
                          .tensors = {{"in", {}, {0}, Bytes(10)},
                                      {"wide", 0, {1, 2}, Bytes(2000)},
                                      {"half", 1, {2}, Bytes(30)},
                                      {"scores", 2, {3}, Bytes(40)},
                                      {"label", 3, {}, Bytes(1), true}},
                          .hops = {{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}},
                          .tail = {3}};
  problem.check();
  const std::string dot = draw_plan(problem, {0, 1, 1, 0});
  CHECK(count(dot, "\"wide, 2 kB\"") == 1);
  CHECK(count(dot, "layer0 -> tensor1 ") == 1);
  CHECK(count(dot, "tensor1 -> layer1 ") == 1);
  CHECK(count(dot, "tensor1 -> layer2 ") == 1);
  CHECK(count(dot, "layer1 -> layer2;") == 1);  // On one tier, there is no note.
  CHECK(count(dot, "half") == 0);
  CHECK(count(dot, "\"scores, 40 B\"") == 1);
  CHECK(count(dot, "answer3 -> layer3 [style=dashed];") == 1);
  CHECK(count(dot, "layer3 -> answer4;") == 1);  // It is made on the device.
  CHECK(count(dot, "\"say \\\"c\\\"\"") == 1);
  CHECK(count(dot, "{") == count(dot, "}"));
}

}  // namespace offcut::partition::drawing_test
