// Gopls is a proxy between GoNB and the real gopls, so that completion takes little memory.
//
// GoNB starts a gopls for every kernel and opens every Go file of the checkout in it, whether or not
// anyone asks for a completion. With the real gopls, a kernel occupies 72 MB when idle and 475 to 501 MB
// after completions; with this proxy 21 MB and 106 to 111 MB. The figures are printed by
//
//	kernel/run python -m pytest -s -k bounded kernel/test/kernel_test.py
//
// and, once .unroll/lib/gopls has been copied over .unroll/bin/gopls, those without the proxy.
//
// The proxy answers the first handshake itself. It starts the real gopls, ../lib/gopls, when GoNB sends
// the first file, and then forwards all messages, with these changes:
//
//   - It adds settings to GoNB's first message: no diagnostics, which nobody would see and which take
//     most of gopls' memory.
//   - It forwards didOpen only for the kernel's own files. gopls reads the other files from the disk if
//     a cell imports them, and is told when they change.
//   - GoNB sends a cell that does not parse yet, such as one that ends in "rnn.", without its imports, so
//     that rnn would have no type. The proxy puts the imports back.
//
// The real gopls does not always end when its standard input is closed. It is therefore started by leash,
// which must be in the same folder as this program. This program ends when GoNB ends.
//
//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"net"
	"net/textproto"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// settings are gopls' settings, by the names of its documentation. GoNB runs goimports itself: to suggest
// imports, gopls would read every module in Go's module cache, which takes more memory than all the rest.
var settings = map[string]any{
	"diagnosticsTrigger": "Save", // GoNB never saves
	"diagnosticsDelay":   "8760h",
	"semanticTokens":     false,
	"importsSource":      "off",
	"linksInHover":       false, // to pkg.go.dev, which does not have the lessons' packages
}

// environment bounds gopls' memory and keeps it from writing outside the checkout.
//
// When it starts, gopls allocates 100 MB that it never uses, so that the garbage collector runs less often.
// They cost only address space, unless the collector has run before: the allocation may then reuse memory
// that has to be cleared, and one gopls in three occupied 100 MB more. GOGC=off therefore prevents any
// collection until memory comes near GOMEMLIMIT, which includes the 100 MB.
//
// GO_TELEMETRY_CHILD=2 tells the telemetry library not to start a second process.
func environment(self string) []string {
	cache := filepath.Join(filepath.Dir(self), "../gopls")
	return append(os.Environ(), "GOMEMLIMIT=160MiB", "GOGC=off", "GOPLSCACHE="+cache, "GO_TELEMETRY_CHILD=2")
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gopls:", err)
		os.Exit(1)
	}
}

func run() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	program := filepath.Join(filepath.Dir(self), "../lib/gopls")
	if len(os.Args) == 3 && os.Args[1] == "-warm" {
		return warm(os.Args[2], program, environment(self))
	}
	if len(os.Args) != 3 || os.Args[1] != "-listen" || !strings.HasPrefix(os.Args[2], "unix;") {
		return syscall.Exec(program, os.Args, environment(self)) // the caller is not GoNB
	}
	go endWith(os.Getppid())
	listener, err := net.Listen("unix", strings.TrimPrefix(os.Args[2], "unix;"))
	if err != nil {
		return err
	}
	for {
		client, err := listener.Accept()
		if err != nil {
			return err
		}
		gopls := exec.Command(filepath.Join(filepath.Dir(self), "leash"), program)
		gopls.Env = environment(self)
		err = serve(client, gopls)
		client.Close()
		if err != nil {
			fmt.Fprintln(os.Stderr, "gopls:", err)
		}
	}
}

// endWith ends this program once its parent has ended.
func endWith(parent int) {
	for os.Getppid() == parent {
		time.Sleep(300 * time.Millisecond)
	}
	os.Exit(0)
}

// serve answers the client in place of gopls until gopls is needed, and then connects the two.
func serve(client io.ReadWriter, gopls *exec.Cmd) error {
	from := bufio.NewReader(client)
	first, err := read(from)
	if err != nil {
		return ended(err)
	}
	var initialize struct {
		Version string         `json:"jsonrpc"`
		ID      any            `json:"id"`
		Method  string         `json:"method"`
		Params  map[string]any `json:"params"`
	}
	if err := json.Unmarshal(first, &initialize); err != nil {
		return fmt.Errorf("the first message is not JSON: %w", err)
	}
	if initialize.Method != "initialize" || initialize.Params == nil {
		return fmt.Errorf("the first message is %q, not initialize", initialize.Method)
	}
	initialize.Params["initializationOptions"] = settings
	reply, err := json.Marshal(map[string]any{
		"jsonrpc": "2.0", "id": initialize.ID, "result": map[string]any{"capabilities": map[string]any{}},
	})
	if err != nil {
		return err
	}
	if err := write(client, reply); err != nil {
		return err
	}
	if first, err = json.Marshal(initialize); err != nil {
		return err
	}
	initialized, err := read(from)
	if err != nil {
		return ended(err)
	}
	// An idle kernel waits here for its first file.
	if _, err := from.Peek(1); err != nil {
		return ended(err)
	}

	in, answers, err := start(gopls, first, initialized)
	if err != nil {
		return err
	}
	defer gopls.Wait()
	defer gopls.Process.Kill()
	defer in.Close()
	own := filter{}
	if err := json.Unmarshal(first, &own); err != nil {
		return err
	}
	over := make(chan error, 2)
	go func() { over <- own.forward(in, from) }()
	go func() { _, err := io.Copy(client, answers); over <- err }()
	return ended(<-over)
}

// start starts gopls and exchanges the first two messages with it. It returns gopls' input and output.
func start(gopls *exec.Cmd, initialize, initialized []byte) (io.WriteCloser, *bufio.Reader, error) {
	in, err := gopls.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	out, err := gopls.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := gopls.Start(); err != nil {
		return nil, nil, err
	}
	answers := bufio.NewReader(out)
	if err = write(in, initialize); err == nil {
		_, err = answer(answers)
	}
	if err == nil {
		err = write(in, initialized)
	}
	if err != nil {
		gopls.Process.Kill()
		gopls.Wait()
		return nil, nil, fmt.Errorf("gopls does not answer: %w", err)
	}
	return in, answers, nil
}

// answer returns the next response to a request, and skips notifications and requests of gopls'.
func answer(from *bufio.Reader) ([]byte, error) {
	for {
		message, err := read(from)
		if err != nil {
			return nil, err
		}
		var a struct {
			ID     any    `json:"id"`
			Method string `json:"method"`
		}
		if err := json.Unmarshal(message, &a); err != nil {
			return nil, err
		}
		if a.ID != nil && a.Method == "" {
			return message, nil
		}
	}
}

// warm fills gopls' cache: it asks for completions at the end of main.go in dir, and prints them.
// With a cache, the first completion in a kernel takes half the time and half the memory.
func warm(dir, program string, env []string) error {
	cell := filepath.Join(dir, "main.go")
	text, err := os.ReadFile(cell)
	if err != nil {
		return err
	}
	before := string(text[bytes.LastIndexByte(text, '\n')+1:])
	uri := func(path string) string { return (&url.URL{Scheme: "file", Path: path}).String() }
	gopls := exec.Command(program)
	gopls.Env = env
	message := func(id int, method string, params any) []byte {
		m := map[string]any{"jsonrpc": "2.0", "method": method, "params": params}
		if id > 0 {
			m["id"] = id
		}
		text, _ := json.Marshal(m)
		return text
	}
	in, answers, err := start(gopls,
		message(1, "initialize", map[string]any{
			"capabilities":          map[string]any{},
			"initializationOptions": settings,
			"workspaceFolders":      []any{map[string]any{"uri": uri(dir), "name": "warm"}},
		}),
		message(0, "initialized", map[string]any{}))
	if err != nil {
		return err
	}
	defer gopls.Wait()
	defer gopls.Process.Kill()
	write(in, message(0, "textDocument/didOpen", map[string]any{
		"textDocument": map[string]any{"uri": uri(cell), "languageId": "go", "version": 1, "text": string(text)},
	}))
	if err := write(in, message(2, "textDocument/completion", map[string]any{
		"textDocument": map[string]any{"uri": uri(cell)},
		"position":     map[string]any{"line": bytes.Count(text, []byte("\n")), "character": len(before)},
	})); err != nil {
		return err
	}
	reply, err := answer(answers)
	if err != nil {
		return err
	}
	var completion struct {
		Result struct{ Items []struct{ Label string } }
	}
	if err := json.Unmarshal(reply, &completion); err != nil {
		return err
	}
	for _, item := range completion.Result.Items {
		fmt.Println(item.Label)
	}
	return nil
}

// A filter decides what gopls hears of which files. It is unmarshalled from the initialize message, whose
// workspace folders are the kernel's own.
type filter struct {
	Params struct {
		Folders []struct{ URI string } `json:"workspaceFolders"`
	} `json:"params"`
}

// own reports whether the file is one of the kernel's own.
func (f *filter) own(uri string) bool {
	for _, folder := range f.Params.Folders {
		if strings.HasPrefix(uri, folder.URI+"/") {
			return true
		}
	}
	return false
}

// forward copies messages, as f changes them, until there are no more.
func (f *filter) forward(to io.Writer, from *bufio.Reader) error {
	for {
		message, err := read(from)
		if err != nil {
			return err
		}
		if message = f.message(message); message == nil {
			continue
		}
		if err := write(to, message); err != nil {
			return err
		}
	}
}

// message returns what to forward in place of the message; nil means nothing.
func (f *filter) message(message []byte) []byte {
	var m map[string]any
	if json.Unmarshal(message, &m) != nil {
		return message
	}
	method, _ := m["method"].(string)
	params, _ := m["params"].(map[string]any)
	document, _ := params["textDocument"].(map[string]any)
	uri, _ := document["uri"].(string)
	changed := 2
	switch method {
	case "textDocument/didOpen":
		if f.own(uri) {
			return withImports(message, m, uri, document)
		}
		return nil // gopls reads it from the disk if a cell imports it
	case "textDocument/didChange":
		if f.own(uri) {
			changes, _ := params["contentChanges"].([]any)
			if len(changes) != 1 {
				return message
			}
			change, _ := changes[0].(map[string]any)
			return withImports(message, m, uri, change)
		}
	case "textDocument/didClose":
		changed = 3 // it was deleted
	default:
		return message
	}
	if f.own(uri) {
		return message
	}
	watched, err := json.Marshal(map[string]any{
		"jsonrpc": "2.0",
		"method":  "workspace/didChangeWatchedFiles",
		"params":  map[string]any{"changes": []any{map[string]any{"uri": uri, "type": changed}}},
	})
	if err != nil {
		return nil
	}
	return watched
}

// withImports returns the message with the imports that the cell's text lacks. m is the unmarshalled
// message and holder the part of m that has the text. The imports are added to the first line, so that
// no line number changes.
func withImports(message []byte, m map[string]any, uri string, holder map[string]any) []byte {
	text, _ := holder["text"].(string)
	u, err := url.Parse(uri)
	if err != nil || filepath.Base(u.Path) != "main.go" || imports(text) != "" {
		return message
	}
	// GoNB writes what earlier cells declare, with its imports, into other.go.
	other, err := os.ReadFile(filepath.Join(filepath.Dir(u.Path), "other.go"))
	if err != nil {
		return message
	}
	missing := imports(string(other))
	if missing == "" {
		return message
	}
	holder["text"] = strings.Replace(text, "package main", "package main; import ("+missing+")", 1)
	changed, err := json.Marshal(m)
	if err != nil {
		return message
	}
	return changed
}

// imports returns the source's import specs, in one line.
func imports(source string) string {
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.ImportsOnly)
	if err != nil {
		return ""
	}
	var specs []string
	for _, spec := range file.Imports {
		text := spec.Path.Value
		if spec.Name != nil {
			text = spec.Name.Name + " " + text
		}
		specs = append(specs, text)
	}
	return strings.Join(specs, "; ")
}

// ended returns nil for io.EOF: the client may disconnect at any time.
func ended(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// read returns the content of the next message.
func read(r *bufio.Reader) ([]byte, error) {
	header, err := textproto.NewReader(r).ReadMIMEHeader()
	if err != nil {
		return nil, err
	}
	length, err := strconv.ParseUint(header.Get("Content-Length"), 10, 28)
	if err != nil {
		return nil, fmt.Errorf("a message without its length: %w", err)
	}
	content := make([]byte, length)
	_, err = io.ReadFull(r, content)
	return content, err
}

// write sends a message.
func write(w io.Writer, content []byte) error {
	_, err := fmt.Fprintf(w, "Content-Length: %d\r\n\r\n%s", len(content), content)
	return err
}
