//go:build !js

package plots

import (
	"encoding/gob"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// inNotebook reports whether GoNB runs the program.
func inNotebook() bool { return gonbui.IsNotebook }

// display sends b to the notebook, and waits, if wanted, until it is there.
func display(b bundled, wait bool) error {
	gob.Register(map[string]any{}) // the type of the metadata
	data := map[protocol.MIMEType]any{}
	for kind, value := range b.data {
		data[protocol.MIMEType(kind)] = value
	}
	gonbui.SendData(&protocol.DisplayData{Data: data, Metadata: b.metadata, DisplayID: b.id})
	if !wait {
		return nil
	}
	gonbui.Sync()
	return gonbui.Error()
}

// picture returns the figure for viewers that do not show SVG.
func picture(fig *Figure) []byte { return fig.PNG() }

func uniqueID() string { return gonbui.UniqueId() }
