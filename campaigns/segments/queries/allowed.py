"""What a query may be made of, by the names of sqlglot's expressions. What is not listed is refused."""

from __future__ import annotations

from typing import Final


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What people call the engines whose SQL is checked.
CALLED: Final = {
    "duckdb": "DuckDB",
    "postgres": "PostgreSQL",
    "pyspark": "Spark",
    "databricks": "Databricks",
    "trino": "Trino",
    "athena": "Athena",
    "snowflake": "Snowflake",
    "bigquery": "BigQuery",
    "mysql": "MySQL",
    "sqlite": "SQLite",
    "clickhouse": "ClickHouse",
    "mssql": "SQL Server",
    "oracle": "Oracle",
}

# How a query is put together, and its operators.
PARTS: Final = _names(
    """
    Select SetOperation Union Except Intersect Subquery With CTE TableAlias Values Lateral
    From Where Group Having HavingMax Qualify Order Ordered Limit LimitOptions Offset Fetch Join Distinct
    Cube Rollup GroupingSets Table Column Identifier Alias Aliases Star Var Literal Boolean Null National RawString
    Paren Tuple And Or Xor Not EQ NEQ NullSafeEQ NullSafeNEQ GT GTE LT LTE Between In Is Like ILike SimilarTo
    Escape Add Sub Mul Div IntDiv Mod Neg DPipe BitwiseAnd BitwiseOr BitwiseXor BitwiseNot BitwiseLeftShift
    BitwiseRightShift Interval IntervalSpan DataType DataTypeParam Window WindowSpec Filter WithinGroup
    IgnoreNulls RespectNulls Lambda Bracket Slice PropertyEQ Kwarg AtTimeZone Any All Overlaps Collate
    JSONPath JSONPathKey JSONPathRoot JSONPathSubscript JSONKeyValue
    """
)

# The slots of a SELECT, and of queries joined by UNION and its like; some are refused by what stands in them.
ALLOWED_BESIDE: Final = _names(
    """
    with_ expressions from_ joins laterals where group having qualify windows order limit offset distinct this
    expression alias by_name side on hint into locks sample pivots match
    """
)

# Functions that give the same for the same values and touch nothing else. Not what makes a long text of a short one
# (lpad, repeat, format), or takes the square of its length (levenshtein): within a value DuckDB cannot be stopped.
FUNCTIONS: Final = _names(
    """
    Case If Coalesce Nullif Nvl2 Greatest Least Cast TryCast Convert Exists Decode DecodeCase Try
    Count CountIf Sum Avg Min Max ArgMin ArgMax AnyValue First Last FirstValue LastValue NthValue Median Mode
    Stddev StddevPop StddevSamp Variance VariancePop Corr CovarPop CovarSamp Skewness Kurtosis ApproxDistinct
    ApproxQuantile Quantile PercentileCont PercentileDisc LogicalAnd LogicalOr BitwiseAndAgg BitwiseOrAgg
    BitwiseXorAgg ArrayAgg ArrayUniqueAgg GroupConcat Grouping GroupingId Hll
    RowNumber Rank DenseRank PercentRank CumeDist Ntile Lag Lead WidthBucket
    Abs Ceil Floor Round Trunc Sign Sqrt Cbrt Exp Ln Log Pow Degrees Radians Pi Sin Cos Tan Asin Acos Atan
    Atan2 Sinh Cosh Tanh Cot BitwiseCount IsNan IsInf Rint SafeDivide SafeAdd SafeSubtract SafeMultiply
    Lower Upper Initcap Replace Trim Left Right Substring SubstringIndex Length ByteLength BitLength Concat ConcatWs
    Reverse StrPosition Split SplitPart Contains StartsWith EndsWith Ascii Chr Unicode Translate
    Overlay Stuff Soundex Hex Unhex LowerHex MD5 MD5Digest SHA SHA1Digest
    SHA2 SHA2Digest FarmFingerprint CityHash64 StandardHash ToBase64 FromBase64 Base64Encode
    Base64DecodeString ToChar NumberToStr ToNumber ToDouble ToBoolean Normalize Strtok
    RegexpLike RegexpILike RegexpFullMatch RegexpExtract RegexpExtractAll RegexpReplace RegexpCount RegexpInstr
    RegexpSplit RegexpSubstr
    CurrentDate CurrentDatetime CurrentTime CurrentTimestamp CurrentTimestampLTZ Localtime Localtimestamp
    Systimestamp UtcDate UtcTime UtcTimestamp
    Date DateAdd DateSub DateDiff DateTrunc DateBin DateFromParts DateFromUnixDate DateStrToDate DateToDateStr
    Datetime DatetimeAdd DatetimeSub DatetimeDiff DatetimeTrunc Time TimeAdd TimeSub TimeDiff TimeTrunc
    TimeFromParts TimeToStr TimeToUnix TimeStrToDate TimeStrToTime TimeStrToUnix TimeSlice Timestamp
    TimestampAdd TimestampSub TimestampDiff TimestampTrunc TimestampFromParts TimestampLtzFromParts
    TimestampTzFromParts StrToDate StrToTime StrToUnix UnixToStr UnixToTime UnixToTimeStr UnixDate UnixMicros
    UnixMillis UnixSeconds TsOrDsAdd TsOrDsDiff TsOrDsToDate TsOrDsToDateStr TsOrDsToDatetime TsOrDsToTime
    TsOrDsToTimestamp FromISO8601Date FromISO8601Timestamp FromISO8601TimestampNanos ParseTime ParseDatetime
    AddMonths MonthsBetween LastDay NextDay PreviousDay ConvertTimezone Extract Year Quarter Month Week Day
    Hour Minute Second DayOfMonth DayOfWeek DayOfWeekIso DayOfYear WeekOfYear YearOfWeek YearOfWeekIso Dayname
    Monthname MakeInterval JustifyDays JustifyHours JustifyInterval
    Array List Struct Map StructExtract ArrayContains ArrayContainsAll ArrayContainedBy ArrayOverlaps
    ArrayConcat ArrayAppend ArrayPrepend ArrayDistinct ArraySize ArraySlice ArraySort ArraySum ArrayMax ArrayMin
    ArrayFirst ArrayLast ArrayPosition ArrayRemove ArrayReverse ArrayIntersect ArrayExcept ArrayCompact ArrayFilter
    ArrayAny ArrayAll ArrayToString StringToArray Transform MapKeys MapSize MapContainsKey ToArray
    Unnest Explode Posexplode Flatten Inline
    JSONExtract JSONExtractScalar JSONExtractArray JSONBExtract JSONBExtractScalar JSONBContains JSONExists
    JSONArrayContains JSONType JSONArray JSONObject JSONFormat JSONValueArray JSONKeys ParseJSON IsNullValue
    """
)

# The like of them that sqlglot has no expression for, in any dialect.
NAMED: Final = _names(
    """
    add_months adddays addmonths age any_value anyif array_has array_length array_position arrayall
    arrayexists avgif bit_length btrim cardinality ceiling character_length charindex contains count_if
    countif date_add date_format date_part date_sub date_trunc dateadd datediff date datename datepart datetime day
    dayname dayofmonth dayofweek dayofyear days_between div empty ends_with endswith epoch epoch_ms
    equal_null equals fdiv find_in_set from_unixtime get_json_object has hasall hasany hour iff ifnull instr
    isfinite isnan isnull isodow isoyear json_array_length json_contains json_exists json_extract
    json_extract_string json_value jsonb_array_length julian julianday len lengthutf8 list_aggregate
    list_any_value list_contains list_distinct list_filter list_has_all list_has_any list_sort
    list_transform list_unique locate lowerutf8 ltrim make_date make_time make_timestamp make_timestamptz
    match maxif minif minute month monthname months_between multiif notempty now nvl octet_length parsedatetime
    parsedatetimebesteffort position quarter regexp_count regexp_full_match regexp_instr regexp_match
    regexp_matches regexp_replace regexp_split_to_array regexp_substr rtrim second split_part starts_with
    startswith str_to_date strftime string_split strip_accents strpos strptime subtractdays subtractmonths
    suffix prefix sumif timestamp_ms timestampdiff to_char to_date to_days to_hours to_minutes to_months to_number
    to_seconds to_timestamp to_weeks to_years todate todatetime today toint32 toint64 tomonth tostartofday
    tostartofmonth tostartofweek tostartofyear tostring toyear truncate try_strptime try_to_date
    try_to_number try_to_timestamp unaccent uniq uniqexact unix_timestamp unixepoch upperutf8 week weekday
    weekofyear year yearweek
    """
)

# Types of values; not among them are those that look something up, such as regclass, or that a database defines.
TYPES: Final = _names(
    """
    ARRAY BIGDECIMAL BIGINT BINARY BIT BLOB BOOLEAN BPCHAR CHAR DATE DATE32 DATETIME DATETIME2 DATETIME64 DECIMAL
    DECIMAL32 DECIMAL64 DECIMAL128 DECIMAL256 DECFLOAT DOUBLE FIXEDSTRING FLOAT INT INT128 INT256 INTERVAL JSON
    JSONB LIST LONGTEXT LOWCARDINALITY MAP MEDIUMINT MEDIUMTEXT MONEY NCHAR NULL NVARCHAR SMALLDATETIME SMALLINT
    SMALLMONEY STRUCT TEXT TINYINT TINYTEXT TIME TIMETZ TIMESTAMP TIMESTAMPNTZ TIMESTAMPLTZ TIMESTAMPTZ
    TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS TIME_NS UBIGINT UINT UINT128 UINT256 UMEDIUMINT USMALLINT UTINYINT UUID
    VARBINARY VARCHAR VARIANT YEAR
    """
)
