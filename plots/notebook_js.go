package plots

import (
	"encoding/json"
	"os"
	"strconv"
)

// A page that runs the program names the file to which displays are written.
var page = os.Getenv("UNROLL_DISPLAY")

func inNotebook() bool { return page != "" }

// display writes b as JSON, in one piece.
func display(b bundled, _ bool) error {
	text, err := json.Marshal(map[string]any{"data": b.data, "metadata": b.metadata, "id": b.id})
	if err != nil {
		return err
	}
	return os.WriteFile(page, text, 0o644)
}

// picture returns nothing: every page shows SVG.
func picture(*Figure) []byte { return nil }

var ids int

func uniqueID() string {
	ids++
	return strconv.Itoa(ids)
}
