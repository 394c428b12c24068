// The list of a run's tables. A new table is entered here.

#include "analysis/tables/result_tables.h"

#include "analysis/tables/class_table.h"
#include "analysis/tables/energy_table.h"
#include "analysis/tables/event_log.h"
#include "analysis/tables/exit_table.h"
#include "analysis/tables/figure_table.h"
#include "analysis/tables/group_table.h"
#include "analysis/tables/link_table.h"
#include "analysis/tables/request_table.h"
#include "analysis/tables/series_log.h"
#include "analysis/tables/summary_table.h"
#include "analysis/tables/switch_log.h"
#include "analysis/tables/tier_table.h"
#include "analysis/tables/training_tables.h"
#include "partition/plan_file.h"

namespace offcut::analysis {

std::vector<TableText> result_table_texts() {
  return {text_of_table(summary_table()),    request_table_text(),
          partition::plan_file_table_text(), text_of_table(figure_table()),
          tier_table_text(),                 link_table_text(),
          text_of_table(class_table()),      text_of_table(group_table()),
          text_of_table(exit_table()),       text_of_table(event_table()),
          text_of_table(energy_table()),     text_of_table(series_table()),
          text_of_table(switch_table()),     text_of_table(round_table()),
          text_of_table(client_table()),     text_of_table(share_table())};
}

}  // namespace offcut::analysis
