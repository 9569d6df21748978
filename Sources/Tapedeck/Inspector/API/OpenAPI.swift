import SocketIOWire

/// The API described for programs: OpenAPI 3.1, made of the declarations that the router and the check of parameters use.
struct OpenAPI {
    let endpoints: [APIRoutes.Endpoint]
    let hasToken: Bool

    var document: JSONValue {
        var paths = JSONObject()
        for endpoint in endpoints { paths["/inspect/api/" + endpoint.path] = ["get": operation(endpoint)] }
        paths["/inspect/api/openapi.json"] = [
            "get": [
                "summary": "This document.", "operationId": "openapi", "responses": responses(.json(["type": "object"]), ["format": false]),
            ]
        ]
        var components: JSONObject = ["schemas": .object(APISchemas.all)]
        var document: JSONObject = [
            "openapi": "3.1.0",
            "info": [
                "title": "Tapedeck inspection API", "version": "1",
                "description": "Read-only questions to a tape: a recording of Socket.IO traffic, finished or growing.",
            ],
            "paths": .object(paths),
        ]
        if hasToken {
            components["securitySchemes"] = ["token": ["type": "http", "scheme": "bearer"]]
            document["security"] = [["token": []]]
        }
        document["components"] = .object(components)
        return .object(document)
    }

    private func operation(_ endpoint: APIRoutes.Endpoint) -> JSONValue {
        let inPath = endpoint.path.matches(of: /\{(\w+)\}/).map { match -> JSONValue in
            let name = String(match.1)
            let schema: JSONValue =
                name == "room"
                ? ["type": "string", "minLength": 1] : ["type": "integer", "format": "int64", "minimum": 0, "maximum": .integer(.max)]
            return ["name": .string(name), "in": "path", "required": true, "schema": schema]
        }
        let inQuery = endpoint.parameters.map { parameter -> JSONValue in
            [
                "name": .string(parameter.name), "in": "query", "required": .bool(parameter.isRequired),
                "description": .string(parameter.about), "schema": parameter.schema,
            ]
        }
        let name = endpoint.path.replacing("{", with: "").replacing("}", with: "").replacing("/", with: "_").replacing("-", with: "_")
        return [
            "summary": .string(endpoint.summary), "operationId": .string(name), "parameters": .array(inPath + inQuery),
            "responses": responses(endpoint.answer, ["format": .bool(endpoint.parameters.contains { $0.name == "format" })]),
        ]
    }

    private func responses(_ answer: APIRoutes.Answer, _ traits: JSONObject) -> JSONValue {
        let schema: JSONValue =
            switch answer {
            case .list(let row):
                [
                    "type": "object", "required": ["items", "next"],
                    "properties": [
                        "items": ["type": "array", "items": ["$ref": .string("#/components/schemas/\(row)")]],
                        "next": ["type": ["string", "null"], "description": "Ask for the rest with this as 'after'; null at the end."],
                    ],
                ]
            case .row(let row): ["$ref": .string("#/components/schemas/\(row)")]
            case .json(let schema): schema
            case .bytes, .stream: [:]
            }
        var content: JSONObject =
            switch answer {
            case .bytes: ["application/octet-stream": [:]]
            case .stream: ["text/event-stream": ["schema": ["type": "string"]]]
            default: ["application/json": ["schema": schema]]
            }
        if traits["format"] == true {
            content["application/x-ndjson"] = ["schema": ["type": "string"]]
            content["text/csv"] = ["schema": ["type": "string"]]
        }
        var responses: JSONObject = [
            "200": ["description": "The answer.", "content": .object(content)], "304": ["description": "Not modified."],
        ]
        for (code, description) in [
            ("400", "A parameter cannot be used."), ("401", "A token is wanted."), ("403", "Only this machine is answered."),
            ("404", "There is no such thing on this tape."), ("405", "Only GET and HEAD."), ("408", "It would take too long."),
            ("503", "Too many ask at once."),
        ] {
            responses[code] = [
                "description": .string(description),
                "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
            ]
        }
        return .object(responses)
    }
}
