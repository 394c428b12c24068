#pragma once

#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>
#include <string>

#include "sim/scheduling/scheduling.h"

namespace offcut::scheduling {

// The policies as the engine asks them. A policy may be anybody's code, so each answer is checked
// before it is used. A policy that answers what its header does not allow, or throws a
// std::exception, ends the run with an InputError that names the policy, its answer and the valid
// ones, at the place in the scenario where the policy was chosen. A check costs a comparison or
// two.

/// Throws the InputError. Its message is the policy's title and name, and then `fault`.
[[noreturn]] void refuse_policy(const char* title, const std::string& name, const Place& chosen_at,
                                const std::string& fault);

/// The part that all have in common. `Kind` is the type of the policy's registry entry.
template <class Kind, class Policy>
class CheckedPolicy {
 public:
  /// Makes the policy. The choice must outlive it.
  explicit CheckedPolicy(const Choice<Kind>& choice) : choice_(&choice) {
    if (choice.kind->make == nullptr) {
      refuse("has no function that makes it");
    }
    policy_ = guard([&] { return choice.make(); });
    if (policy_ == nullptr) {
      refuse("was made as a null pointer");
    }
  }

 protected:
  Policy& policy() const { return *policy_; }
  [[noreturn]] void refuse(const std::string& fault) const {
    refuse_policy(Kind::kTitle, choice_->kind->name, choice_->chosen_at, fault);
  }
  /// Returns what `call` returns, and refuses the policy if it throws.
  template <class Call>
  auto guard(Call call) const {
    try {
      return call();
    } catch (const InputError&) {
      throw;  // It already names the invalid input.
    } catch (const std::exception& error) {
      refuse(std::string("threw an exception: ") + error.what());
    }
  }

 private:
  const Choice<Kind>* choice_;
  std::unique_ptr<Policy> policy_;
};

class CheckedQueue : public CheckedPolicy<QueueKind, QueueDiscipline> {
 public:
  using CheckedPolicy::CheckedPolicy;

  double key(const Job& job) const {
    const double key = guard([&] { return policy().key(job); });
    if (std::isnan(key)) {
      refuse_key(job);
    }
    return key;
  }
  void served(const Job& job, double key) const {
    guard([&] { policy().served(job, key); });
  }

 private:
  [[noreturn]] void refuse_key(const Job& job) const;
};

class CheckedBatching : public CheckedPolicy<BatchingKind, Batching> {
 public:
  explicit CheckedBatching(const Choice<BatchingKind>& choice);

  /// Returns the largest batch that the policy ever takes, from 1 to kLargestBatch.
  std::size_t largest() const { return largest_; }
  BatchDecision decide(std::size_t waiting, Seconds oldest, Seconds now) const {
    const BatchDecision decision = guard([&] { return policy().decide(waiting, oldest, now); });
    if (decision.take > std::min(waiting, largest_)) {
      refuse_size(decision.take, waiting);
    }
    if (decision.take == 0 && !(decision.again > now)) {
      refuse_time(decision.again, now);
    }
    return decision;
  }
  void finished(std::size_t size, Seconds took) const {
    guard([&] { policy().finished(size, took); });
  }

 private:
  [[noreturn]] void refuse_size(std::size_t take, std::size_t waiting) const;
  [[noreturn]] void refuse_time(Seconds again, Seconds now) const;

  std::size_t largest_ = 1;
};

class CheckedDispatch : public CheckedPolicy<DispatchKind, Dispatch> {
 public:
  using CheckedPolicy::CheckedPolicy;

  std::size_t choose(std::span<const ServerState> servers, const Job& job, Seconds now,
                     RandomStream& stream) const {
    const std::size_t chosen = guard([&] { return policy().choose(servers, job, now, stream); });
    if (chosen >= servers.size() || !servers[chosen].is_up) {
      refuse_server(servers, chosen);
    }
    return chosen;
  }

 private:
  [[noreturn]] void refuse_server(std::span<const ServerState> servers, std::size_t chosen) const;
};

class CheckedAdmission : public CheckedPolicy<AdmissionKind, Admission> {
 public:
  using CheckedPolicy::CheckedPolicy;

  bool admits(const ServerState& server, const Job& job, Seconds now) const {
    return guard([&] { return policy().admits(server, job, now); });
  }
};

class CheckedAutoscaling : public CheckedPolicy<AutoscalingKind, Autoscaling> {
 public:
  using CheckedPolicy::CheckedPolicy;

  std::size_t desired(const SiteLoad& load, Seconds now) const {
    return guard([&] { return policy().desired(load, now); });
  }
};

}  // namespace offcut::scheduling
