// `fair` serves devices round robin (Nagle, RFC 970, 1985), however much each of them sends. A job
// joins the round after that of its device's last job, or the current one if that is later or the
// device has sent none: turns can't be saved up. The current round is that of the job served last.
// These are the start tags of start-time fair queueing (Goyal, Vin, Cheng, SIGCOMM 1996) with a
// length of 1 for every job: devices share requests equally, not service time.

#include <algorithm>
#include <unordered_map>

#include "sim/scheduling/queue_discipline.h"

namespace offcut::scheduling {
namespace {

class Fair : public QueueDiscipline {
 public:
  double key(const Job& job) override {
    const auto [last, is_new] = last_round_.try_emplace(job.device, round_);
    if (!is_new) {
      last->second = std::max(round_, last->second + 1);
    }
    return last->second;
  }
  void served(const Job&, double key) override { round_ = key; }

 private:
  double round_ = 0;
  std::unordered_map<std::size_t, double> last_round_;  // By device.
};

}  // namespace

void register_fair(Registry<QueueKind>& registry) {
  registry.add({.name = "fair",
                .doc = "round robin over devices",
                .make = [](const Parameters&) -> std::unique_ptr<QueueDiscipline> {
                  return std::make_unique<Fair>();
                }});
}

}  // namespace offcut::scheduling
