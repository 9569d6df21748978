/// The functions that a stranger's SQL may call: those that only compute, in a time that their arguments bound.
///
/// A list of what is known, not of what is bad: extensions that a build of SQLite brings along (geopoly, rtree, fts) stay outside.
enum GuardedFunctions {
    static let known: Set<String> = [
        // scalar
        "abs", "char", "coalesce", "format", "glob", "hex", "ifnull", "iif", "instr", "length", "like", "likelihood", "likely", "lower",
        "ltrim", "max", "min", "nullif", "printf", "quote", "random", "randomblob", "replace", "round", "rtrim", "sign", "substr",
        "substring", "trim", "typeof", "unicode", "unlikely", "upper", "zeroblob", "sqlite_version", "changes", "match", "concat",
        "concat_ws", "octet_length", "unhex",
        // aggregate and window
        "avg", "count", "group_concat", "string_agg", "sum", "total", "cume_dist", "dense_rank", "first_value", "lag", "last_value",
        "lead", "nth_value", "ntile", "percent_rank", "rank", "row_number",
        // date and time
        "date", "time", "datetime", "julianday", "unixepoch", "strftime", "timediff", "current_date", "current_time", "current_timestamp",
        // JSON
        "json", "json_array", "json_array_length", "json_error_position", "json_extract", "json_insert", "json_object", "json_patch",
        "json_quote", "json_remove", "json_replace", "json_set", "json_type", "json_valid", "json_group_array", "json_group_object",
        "json_each", "json_tree", "->", "->>",
        // mathematics
        "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "ceiling", "cos", "cosh", "degrees", "exp", "floor", "ln",
        "log", "log10", "log2", "mod", "pi", "pow", "power", "radians", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
    ]
}
