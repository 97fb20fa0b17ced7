//go:build !js

package plots

import (
	"encoding/gob"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// inNotebook reports whether GoNB runs the program.
func inNotebook() bool { return gonbui.IsNotebook }

// display sends data to the notebook, and waits, if wanted, until it is there.
func display(data *protocol.DisplayData, wait bool) error {
	gob.Register(map[string]any{}) // the type of the metadata
	gonbui.SendData(data)
	if !wait {
		return nil
	}
	gonbui.Sync()
	return gonbui.Error()
}

// picture returns the figure for viewers that do not show SVG.
func picture(fig *Figure) []byte { return fig.PNG() }

func uniqueID() string { return gonbui.UniqueId() }
