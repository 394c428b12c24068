// fair: round robin over devices (Nagle, RFC 970, 1985), whatever each of them sends. A job joins
// the round behind that of its device's last job, or the current one where its device has had its
// turn already or never asked: nobody saves up turns. The current round is that of the job served
// last. These are the start tags of start-time fair queueing (Goyal, Vin, Cheng, SIGCOMM
// 1996) with a length of 1 for every job: requests are shared equally, not their times.

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
  std::unordered_map<std::size_t, double> last_round_;  // of each device
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
