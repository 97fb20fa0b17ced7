package plots

import (
	"encoding/json"
	"os"
	"strconv"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// A page that runs the program names the file to which displays are written.
var page = os.Getenv("UNROLL_DISPLAY")

func inNotebook() bool { return page != "" }

// display writes data as JSON, in one piece.
func display(data *protocol.DisplayData, _ bool) error {
	text, err := json.Marshal(map[string]any{"data": data.Data, "metadata": data.Metadata, "id": data.DisplayID})
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
