// One object per run. Members of a step are those who are there when it begins; the step's mean is
// that of the gradients that arrived, weighted by their samples.

#include "sim/training/parallel_steps.h"

#include <algorithm>
#include <map>

#include "sim/training/collective.h"
#include "sim/training/job_run.h"
#include "sim/training/joint_batch.h"

namespace offcut::training {
namespace {

class ParallelSteps final : public JobRun {
 public:
  ParallelSteps(const Job& job, GradientSum sum)
      : JobRun(job), sum_(sum), state_(std::make_shared<State>(job.trainer->initial())) {}

 private:
  struct Member {
    std::size_t client = 0;
    VisitHandle visit;
    std::vector<std::int64_t> share;
    ClientRuns::Handle piece;
    bool is_ready = false;  // Its gradient is computed, and has arrived if there is a server.
    State gradient;         // As the others see it.
    State residual;
  };

  void start() override {
    pool_.emplace(book(), *job().data, clients(), server_level(), sum_ == GradientSum::server);
    // Everybody has the first state.
    for (const std::size_t client : clients()) {
      version_of_[client] = 0;
    }
    begin_step();
  }

  SharedState state() override { return state_; }

  void begin_step() {
    members_.clear();
    for (const std::size_t client : clients()) {
      if (pool_->is_reachable(client)) {
        members_.push_back({.client = client,
                            .visit = {},
                            .share = {},
                            .piece = {},
                            .is_ready = false,
                            .gradient = {},
                            .residual = {}});
      }
    }
    if (members_.empty()) {
      pool_->when_free([this] { begin_step(); });
      return;
    }
    open_round();
    left_ = members_.size();
    for (Member& member : members_) {
      member.visit = parts().books.select(member.client);
      member.share = share_of_batch(job(), member.client, round());
      if (version_of_[member.client] == version_) {
        compute(member);
        continue;
      }
      book().carry(member.client, server_level(), 0, parts().state_bytes(),
                   [this, &member](const Trip& trip) {
                     if (trip.is_done) {
                       version_of_[member.client] = version_;
                       compute(member);
                     } else {
                       leave(member, false);
                     }
                   });
    }
  }

  void compute(Member& member) {
    member.piece = parts().runs.gradient(state_, member.share, static_cast<std::uint64_t>(round()));
    const Seconds service =
        time_of_gradient(job(), book().tasks().group_of(member.client), member.client, round());
    book().compute({.device = member.client, .level = 0, .service = service, .model = {}},
                   [this, &member](const engine::TaskReport& report) {
                     if (!report.is_done) {
                       leave(member, false);
                       return;
                     }
                     parts().books.add_steps(member.client, 1);
                     if (sum_ == GradientSum::server) {
                       upload(member);
                     } else {
                       member.gradient = parts().runs.result(member.piece).state;
                       leave(member, true);
                     }
                   });
  }

  void upload(Member& member) {
    UpdateCodec::Encoded encoded =
        parts().codec.encode(member.client, parts().runs.result(member.piece).state);
    member.gradient = std::move(encoded.decoded);
    member.residual = std::move(encoded.residual);
    book().carry(member.client, 0, server_level(), encoded.bytes,
                 [this, &member](const Trip& trip) { leave(member, trip.is_done); });
  }

  /// The member's gradient is there, or it is lost. The last one begins the sum.
  void leave(Member& member, bool is_ready) {
    member.is_ready = is_ready;
    if (!is_ready) {
      parts().books.decide(member.visit, Visit::Fate::lost);
      if (member.piece != nullptr) {
        parts().runs.forget(member.piece);
      }
    }
    if (--left_ > 0) {
      return;
    }
    std::erase_if(members_, [](const Member& m) { return !m.is_ready; });
    if (members_.empty()) {
      end_step(0);
    } else if (sum_ == GradientSum::server) {
      parts().update_server(members_.front().client, server_level(), members_.size(),
                            [this] { broadcast(); });
    } else {
      add_up();
    }
  }

  /// Makes the step with the gradients' mean, by samples. Returns the mean loss.
  double step(State (*sum)(std::span<const State>)) {
    double samples = 0;
    for (const Member& member : members_) {
      samples += static_cast<double>(member.share.size());
    }
    double loss = 0;
    std::vector<State> parts_of_sum;
    for (Member& member : members_) {
      const double weight = static_cast<double>(member.share.size()) / samples;
      loss += weight * parts().runs.result(member.piece).loss;
      for (float& value : member.gradient) {
        value = static_cast<float>(weight * double{value});
      }
      parts_of_sum.push_back(std::move(member.gradient));
      parts().codec.keep(member.client, std::move(member.residual));
      member.piece = nullptr;
    }
    const State gradient = sum(parts_of_sum);
    const double rate = rate_in(job().settings, round());
    auto next = std::make_shared<State>(*state_);
    for (std::size_t k = 0; k < next->size(); ++k) {
      (*next)[k] = static_cast<float>(double{(*next)[k]} - rate * double{gradient[k]});
    }
    state_ = std::move(next);
    ++version_;
    return loss;
  }

  void broadcast() {
    const double loss = step(server_sum);
    left_ = members_.size();
    for (Member& member : members_) {
      book().carry(member.client, server_level(), 0, parts().state_bytes(),
                   [=, this, &member](const Trip& trip) {
                     if (trip.is_done) {
                       version_of_[member.client] = version_;
                     }
                     if (--left_ == 0) {
                       end_step(loss);
                     }
                   });
    }
  }

  void add_up() {
    Schedule schedule = sum_ == GradientSum::ring ? ring_all_reduce(members_.size())
                                                  : tree_all_reduce(members_.size());
    std::vector<std::size_t> devices;
    for (const Member& member : members_) {
      devices.push_back(member.client);
    }
    run_transfers(book(), std::move(schedule), devices, parts().state_bytes(),
                  [this](const TransferReport& report) { take_sum(report.is_done()); });
  }

  void take_sum(bool is_whole) {
    if (!is_whole) {  // The step is lost for everybody.
      for (const Member& member : members_) {
        parts().books.decide(member.visit, Visit::Fate::lost);
      }
      members_.clear();
      end_step(0);
      return;
    }
    const double loss = step(sum_ == GradientSum::ring ? ring_sum : tree_sum);
    left_ = members_.size();
    for (Member& member : members_) {
      const Seconds service = parts().time_of_update(member.client, 0);
      book().compute({.device = member.client, .level = 0, .service = service, .model = {}},
                     [=, this, &member](const engine::TaskReport& update) {
                       if (update.is_done) {
                         version_of_[member.client] = version_;
                       }
                       if (--left_ == 0) {
                         end_step(loss);
                       }
                     });
    }
  }

  void end_step(double loss) {
    for (const Member& member : members_) {
      parts().books.decide(member.visit, Visit::Fate::counted);
    }
    if (finish_round(loss)) {
      begin_step();
    }
  }

  GradientSum sum_;
  SharedState state_;
  std::int64_t version_ = 0;  // Steps that counted.
  std::map<std::size_t, std::int64_t> version_of_;
  std::optional<ClientPool> pool_;
  std::vector<Member> members_;
  std::size_t left_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> make_parallel_steps(const Job& job, GradientSum sum) {
  return std::make_unique<ParallelSteps>(job, sum);
}

}  // namespace offcut::training
