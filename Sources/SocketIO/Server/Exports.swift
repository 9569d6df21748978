// Users meet names of the layers below in their own code (JSON values, engine options, transports): `import SocketIO` is to be enough for them.
@_exported public import EngineIO
@_exported public import SocketIOWire
