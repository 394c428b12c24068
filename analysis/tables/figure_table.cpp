// The columns of plan_figures.csv.

#include "analysis/tables/figure_table.h"

#include <array>

namespace offcut::analysis {
namespace {

constexpr auto kFigureColumns = std::to_array<Column<FigureRow>>({
    {"algorithm", "", "The algorithm that planned, as in summary.csv.",
     [](const FigureRow& row) { return std::string_view(row.algorithm); }},
    {"what", "", "The figure's name, with its unit where it has one.",
     [](const FigureRow& row) { return row.figure.title(); }},
    {"value", "", "Its value, a text or a number in SI.",
     [](const FigureRow& row) { return row.figure.text(); }},
    {"model", "", "The model that is planned, as in plan.csv.",
     [](const FigureRow& row) { return std::string_view(row.model); }},
});

constexpr ColumnTable<FigureRow> kFigureTable{
    "plan_figures.csv",
    "A row per figure of a plan that is not about one layer: makespans, jobs, shares, tiles. There "
    "is no file if no plan has such a figure.",
    kFigureColumns};

}  // namespace

const ColumnTable<FigureRow>& figure_table() { return kFigureTable; }

}  // namespace offcut::analysis
