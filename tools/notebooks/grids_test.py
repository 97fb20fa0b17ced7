"""What lessons read of grids: each has rows that a cell computes again, before the reader's eyes."""

from lessons import NOTEBOOKS, find, read


def cells_that_recompute(grid):
    tag = f"recomputes-{grid}"
    return [
        (lesson, cell)
        for lesson in find()
        for cell in read(lesson.path).cells
        if tag in cell.metadata.get("tags", [])
    ]


def test_rows_of_each_grid_are_computed_again_by_a_cell():
    grids = [path.stem for path in sorted(NOTEBOOKS.glob("data/*.json"))]
    assert grids
    for grid in grids:
        cells = cells_that_recompute(grid)
        assert cells, f"no cell has the tag recomputes-{grid}: let one compute some rows and print them beside the file's"
        for lesson, cell in cells:
            said = "".join(output.get("text", "") for output in cell.outputs)
            assert cell.cell_type == "code" and "in the file" in said, f"{lesson.name}, {cell.id} compares nothing with {grid}"


def test_a_cell_that_recomputes_names_a_grid():
    grids = {path.stem for path in NOTEBOOKS.glob("data/*.json")}
    for lesson in find():
        for cell in read(lesson.path).cells:
            for tag in cell.metadata.get("tags", []):
                if tag.startswith("recomputes-"):
                    assert tag.removeprefix("recomputes-") in grids, f"{lesson.name}, {cell.id}: there is no grid for {tag}"
