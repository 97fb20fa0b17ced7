// Gopls stands between GoNB and the real gopls, so that completion costs little memory.
//
// GoNB starts a gopls for every kernel and connects to it, whether or not anyone asks for a completion.
// This program answers that first handshake itself. It starts the real gopls, which must be at
// ../lib/gopls, when GoNB sends the first file, and then passes on what the two say, but for this:
//
//   - To GoNB's first message it adds settings: no analysis of the code, which nobody would see, and
//     which takes most of gopls' memory.
//   - GoNB opens every Go file of the checkout. Gopls hears only of the kernel's own files, and of the
//     others when they change.
//   - A cell that does not parse yet, as one that ends in "rnn.", GoNB sends without its imports, so
//     that rnn would have no type. They are put back.
//
// The real gopls is on a leash, which must be beside this program, and ends when this program does: that
// its standard input has ended it does not always heed. And this program ends with GoNB.
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

// settings are gopls' settings, by the names of its documentation. Imports are GoNB's business: gopls would
// read every module that was ever downloaded to this machine, in more memory than all else.
var settings = map[string]any{
	"diagnosticsTrigger": "Save", // GoNB never saves
	"diagnosticsDelay":   "8760h",
	"semanticTokens":     false,
	"importsSource":      "off",
}

// environment bounds gopls' memory and keeps it from writing outside the checkout.
//
// Gopls begins with 100 MB that it never touches, so that Go collects garbage less often. They cost address
// space alone, unless Go has collected before and gives gopls, in part, memory that was used and must be
// cleared: every third gopls occupied 100 MB more. Thus nothing is collected until the limit is near, which
// counts the 100 MB.
//
// The last is the telemetry library's own sign not to start a second process.
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
		return syscall.Exec(program, os.Args, environment(self)) // it is not GoNB that calls
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

// endWith ends this program when its parent has ended.
func endWith(parent int) {
	for os.Getppid() == parent {
		time.Sleep(300 * time.Millisecond)
	}
	os.Exit(0)
}

// serve speaks with the client for gopls until gopls is needed, and then connects them.
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
	// Here an idle kernel waits.
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
	go func() { over <- own.pass(in, from) }()
	go func() { _, err := io.Copy(client, answers); over <- err }()
	return ended(<-over)
}

// start starts gopls and has the first two messages with it. It returns gopls' input and output.
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

// answer returns the next message that answers a request, and leaves out what gopls says unasked.
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

// warm fills gopls' cache: it asks for completions at the end of the directory's main.go, and prints them.
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

// A filter passes on what GoNB says of its own files. It is read from the message initialize.
type filter struct {
	Params struct {
		Folders []struct{ URI string } `json:"workspaceFolders"`
	} `json:"params"`
}

func (f *filter) own(uri string) bool {
	for _, folder := range f.Params.Folders {
		if strings.HasPrefix(uri, folder.URI+"/") {
			return true
		}
	}
	return false
}

// pass passes messages on until there are no more.
func (f *filter) pass(to io.Writer, from *bufio.Reader) error {
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

// message returns what to pass on in place of the message; nil for nothing.
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
		return nil // gopls finds it by itself if a cell imports it
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

// withImports returns the message with the imports that the cell's text lacks, m being the message and
// holder the part of it that holds the text. They go onto the text's first line: no position changes.
func withImports(message []byte, m map[string]any, uri string, holder map[string]any) []byte {
	text, _ := holder["text"].(string)
	u, err := url.Parse(uri)
	if err != nil || filepath.Base(u.Path) != "main.go" || imports(text) != "" {
		return message
	}
	// GoNB has put what earlier cells declare into a file beside the cell's.
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

// imports returns what the source imports, in one line.
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

// ended is nil if the client has gone, which it may at any time.
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
