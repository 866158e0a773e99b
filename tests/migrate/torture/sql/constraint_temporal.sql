-- from: 18
CREATE TABLE rooms (id int4range, during daterange,
    PRIMARY KEY (id, during WITHOUT OVERLAPS));
CREATE TABLE stays (id int4range, room int4range, during daterange,
    UNIQUE (id, during WITHOUT OVERLAPS),
    FOREIGN KEY (room, PERIOD during) REFERENCES rooms (id, PERIOD during));
