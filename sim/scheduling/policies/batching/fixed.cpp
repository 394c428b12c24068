// `fixed` waits for a batch of exactly `size` requests, however long it takes.

#include "sim/scheduling/batching.h"

namespace offcut::scheduling {
namespace {

std::size_t size_of(const Parameters& p) { return static_cast<std::size_t>(p.at("size")); }

class Fixed : public Batching {
 public:
  explicit Fixed(std::size_t size) : size_(size) {}
  BatchDecision decide(std::size_t waiting, Seconds, Seconds) override {
    return {.take = waiting < size_ ? 0 : size_};
  }

 private:
  std::size_t size_;
};

}  // namespace

void register_fixed(Registry<BatchingKind>& registry) {
  registry.add({.name = "fixed",
                .doc = "waits for batches of one size",
                .parameters = {{.name = "size",
                                .is_whole = true,
                                .least = 1,
                                .most = 1024,
                                .doc = "requests in a batch"}},
                .make = [](const Parameters& p) -> std::unique_ptr<Batching> {
                  return std::make_unique<Fixed>(size_of(p));
                },
                .most = size_of});
}

}  // namespace offcut::scheduling
