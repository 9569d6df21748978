/// The page; any Socket.IO client would do. The server brings its own.
let page = """
    <!doctype html>
    <title>Chat</title>
    <ul id="messages"></ul>
    <form><input id="text" autofocus><button>Say</button></form>
    <script src="/socket.io/socket.io.min.js"></script>
    <script>
      const socket = io({ auth: { name: new URLSearchParams(location.search).get("name") ?? "someone" } });
      const show = line => document.getElementById("messages").append(Object.assign(document.createElement("li"), { textContent: line }));
      socket.on("joined", name => show(`${name} is here`));
      socket.on("left", name => show(`${name} has left`));
      socket.on("said", ({ from, text }) => show(`${from}: ${text}`));
      document.forms[0].onsubmit = event => {
        event.preventDefault();
        const field = document.getElementById("text");
        socket.emit("say", field.value, () => field.value = "");
      };
    </script>
    """
