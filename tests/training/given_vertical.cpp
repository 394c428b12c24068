#include "tests/training/given_vertical.h"

#include "sim/training/vertical_network.h"
#include "tests/train/networks.h"
#include "tests/training/given.h"

namespace offcut::training {

GivenVertical::GivenVertical(GivenJob& given, std::size_t parties) {
  data_.samples = ClientSamples(std::vector(parties, first_numbers(given.samples.count())));
  data_.features.resize(parties);
  for (std::int64_t feature = 0; feature < 6; ++feature) {
    data_.features[static_cast<std::size_t>(feature) % parties].push_back(feature);
  }
  network_ = std::make_unique<Graph>(vertical_network(
      {.features = data_.features, .hidden = {4}, .embedding = 3, .head = {5}, .classes = 2}, {6},
      train::all_operators(), 3));
  trainer_ =
      std::make_unique<LocalTrainer>(*network_, given.samples, given_libraries(), given_settings());
  given.use("vertical");
  given.job.network = network_.get();
  given.job.trainer = trainer_.get();
  given.job.data = &data_;
}

}  // namespace offcut::training
